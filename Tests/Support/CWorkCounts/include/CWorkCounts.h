#ifndef CWORKCOUNTS_H
#define CWORKCOUNTS_H

#include <stdint.h>

/// What this process has asked of malloc and its relatives since it began; 0 where they are not watched (see the source).
typedef struct {
    int64_t allocations;
    /// Bytes that were asked for; of a block that grows, its new size.
    int64_t bytes;
} work_counts_allocations;

work_counts_allocations work_counts_allocations_now(void);

/// Marks for callgrind: `--dump-before` these functions parts what is to be counted from what is not.
void work_counts_begin(void);
void work_counts_end(void);

#endif
