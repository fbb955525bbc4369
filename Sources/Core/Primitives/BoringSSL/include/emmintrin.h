// The few SSE2 intrinsics that BoringSSL's constant-time AES and GHASH are written in, by those of WebAssembly: with
// them it works on eight blocks at once instead of two. See docs/decisions/0015-webassembly-by-embedded-swift.md.

#ifndef NARU_EMMINTRIN_H
#define NARU_EMMINTRIN_H

#include <wasm_simd128.h>

typedef v128_t __m128i;

#define NARU_INLINE static inline __attribute__((always_inline))

NARU_INLINE __m128i _mm_and_si128(__m128i a, __m128i b) { return wasm_v128_and(a, b); }
NARU_INLINE __m128i _mm_or_si128(__m128i a, __m128i b) { return wasm_v128_or(a, b); }
NARU_INLINE __m128i _mm_xor_si128(__m128i a, __m128i b) { return wasm_v128_xor(a, b); }
NARU_INLINE __m128i _mm_slli_epi32(__m128i a, int count) { return wasm_i32x4_shl(a, (uint32_t)count); }
NARU_INLINE __m128i _mm_srli_epi32(__m128i a, int count) { return wasm_u32x4_shr(a, (uint32_t)count); }

// From the highest lane to the lowest, and the other way round.
NARU_INLINE __m128i _mm_set_epi32(int d, int c, int b, int a) { return wasm_i32x4_make(a, b, c, d); }
NARU_INLINE __m128i _mm_setr_epi32(int a, int b, int c, int d) { return wasm_i32x4_make(a, b, c, d); }

NARU_INLINE __m128i _mm_unpacklo_epi64(__m128i a, __m128i b) { return wasm_i64x2_shuffle(a, b, 0, 2); }

// The products of lanes 0 and of lanes 2.
NARU_INLINE __m128i _mm_mul_epu32(__m128i a, __m128i b) {
  return wasm_u64x2_extmul_low_u32x4(wasm_i32x4_shuffle(a, a, 0, 2, 0, 2), wasm_i32x4_shuffle(b, b, 0, 2, 0, 2));
}

// By whole bytes, towards the highest and towards the lowest; a lane from 0 to 15 is a zero, one from 16 is of `a`.
#define NARU_UP(lane, count) ((lane) < (count) ? 0 : 16 + (lane) - (count))
#define NARU_DOWN(lane, count) ((lane) + (count) > 15 ? 0 : 16 + (lane) + (count))
#define NARU_MOVED(from, a, n)                                                                                     \
  wasm_i8x16_shuffle(wasm_i32x4_const_splat(0), a, from(0, n), from(1, n), from(2, n), from(3, n), from(4, n),     \
                     from(5, n), from(6, n), from(7, n), from(8, n), from(9, n), from(10, n), from(11, n),         \
                     from(12, n), from(13, n), from(14, n), from(15, n))
#define _mm_slli_si128(a, count) NARU_MOVED(NARU_UP, a, count)
#define _mm_srli_si128(a, count) NARU_MOVED(NARU_DOWN, a, count)

#endif
