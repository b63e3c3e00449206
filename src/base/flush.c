/* flush.c -- the processor's switches for denormal numbers; a new thread has those of the one that starts it. */
#include "snas/base/flush.h"

#if defined __SSE__
#include <immintrin.h>

enum { FLUSH_TO_ZERO = 1 << 15, DENORMALS_ARE_ZERO = 1 << 6 }; /* of results, of operands */

void snas_flush_denormals(void)
{
    _mm_setcsr(_mm_getcsr() | FLUSH_TO_ZERO | DENORMALS_ARE_ZERO);
}

#elif defined __aarch64__
#include <stdint.h>

void snas_flush_denormals(void)
{
    const uint64_t flush_to_zero = UINT64_C(1) << 24; /* FZ: of results and operands */
    uint64_t control;
    __asm__ volatile("mrs %0, fpcr" : "=r"(control));
    __asm__ volatile("msr fpcr, %0" : : "r"(control | flush_to_zero));
}

#else

void snas_flush_denormals(void)
{
}

#endif
