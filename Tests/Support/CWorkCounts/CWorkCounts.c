#include "CWorkCounts.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

// Relaxed: the counts are read when the threads that increase them have answered.
static _Atomic int64_t allocations;
static _Atomic int64_t allocated_bytes;

work_counts_allocations work_counts_allocations_now(void) {
    return (work_counts_allocations){
        .allocations = atomic_load_explicit(&allocations, memory_order_relaxed),
        .bytes = atomic_load_explicit(&allocated_bytes, memory_order_relaxed),
    };
}

// Never inlined, and never merged with one another: callgrind knows them by their names.
__attribute__((noinline)) void work_counts_begin(void) { __asm__ volatile("# begin" ::: "memory"); }
__attribute__((noinline)) void work_counts_end(void) { __asm__ volatile("# end" ::: "memory"); }

#ifdef __GLIBC__

// A program's own malloc goes before the C library's, for shared libraries too; the C library keeps these names for its
// own, so that blocks from here are freed by its `free`.
// https://www.gnu.org/software/libc/manual/html_node/Replacing-malloc.html
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static void note(size_t bytes) {
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&allocated_bytes, (int64_t)bytes, memory_order_relaxed);
}

void *malloc(size_t size) {
    note(size);
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    note(count * size);
    return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
    note(size);
    return __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size) {
    note(size);
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **block, size_t alignment, size_t size) {
    void *made = memalign(alignment, size);
    if (made == NULL) return ENOMEM;
    *block = made;
    return 0;
}

#endif
