/* rng.c -- counter-based random numbers: Philox 4x32-10.
 *
 * Ten rounds of multiply-high/low and xor turn a place (a 128-bit counter) and a key (64 bits) into four words:
 *
 *      (x0, x1, x2, x3) <- (hi(M1*x2) ^ x1 ^ k0, lo(M1*x2), hi(M0*x0) ^ x3 ^ k1, lo(M0*x0)),   k += W
 *
 * The layout, which decides the bytes of every run:
 *
 *      key     = seed bits 0-31 | seed bits 32-63
 *      counter = block bits 0-31 | step bits 0-31 | step bits 32-63 | stream (16 bits) + block bits 32-47 << 16
 *
 * Source: Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3 (SC 2011).
 */
#include "snas/base/rng.h"

#include <assert.h>
#include <math.h>

#include "rng_philox.h"

static const double TWO_PI = 6.283185307179586476925286766559;

void base_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    const uint32_t M0 = 0xD2511F53u, M1 = 0xCD9E8D57u; /* the multipliers */
    const uint32_t W0 = 0x9E3779B9u, W1 = 0xBB67AE85u; /* golden ratio, sqrt(3) - 1 */
    uint32_t x0 = counter[0], x1 = counter[1], x2 = counter[2], x3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        const uint64_t a = (uint64_t)M0 * x0, b = (uint64_t)M1 * x2;
        x0 = (uint32_t)(b >> 32) ^ x1 ^ k0;
        x2 = (uint32_t)(a >> 32) ^ x3 ^ k1;
        x1 = (uint32_t)b;
        x3 = (uint32_t)a;
        k0 += W0;
        k1 += W1;
    }
    out[0] = x0;
    out[1] = x1;
    out[2] = x2;
    out[3] = x3;
}

snas_rng snas_rng_at(uint64_t seed, snas_stream stream, uint64_t step)
{
    assert((uint32_t)stream < 1u << 16);
    return (snas_rng){.seed = seed, .stream = (uint32_t)stream, .step = step};
}

uint32_t snas_rng_u32(snas_rng *rng)
{
    if (rng->left == 0) {
        assert(rng->counter < (uint64_t)1 << 48);
        const uint32_t key[2] = {(uint32_t)rng->seed, (uint32_t)(rng->seed >> 32)};
        const uint32_t counter[4] = {(uint32_t)rng->counter, (uint32_t)rng->step, (uint32_t)(rng->step >> 32),
                                     rng->stream + ((uint32_t)(rng->counter >> 32) << 16)};
        base_philox(counter, key, rng->block);
        rng->counter++;
        rng->left = 4;
    }
    return rng->block[4 - rng->left--];
}

double snas_rng_uniform(snas_rng *rng)
{
    const uint64_t high = snas_rng_u32(rng);
    const uint64_t bits = high << 32 | snas_rng_u32(rng);
    /* The odd multiples of 2^-53: neither 0 nor 1, exact in a double, and symmetric about 1/2. */
    return (double)(bits >> 11 | 1) * 0x1p-53;
}

double snas_rng_normal(snas_rng *rng)
{
    const double u = snas_rng_uniform(rng), v = snas_rng_uniform(rng);
    return sqrt(-2.0 * log(u)) * cos(TWO_PI * v);
}

double snas_rng_gumbel(snas_rng *rng)
{
    return -log(-log(snas_rng_uniform(rng)));
}

uint32_t snas_rng_below(snas_rng *rng, uint32_t n)
{
    assert(n > 0);
    /* floor(u*n / 2^32); products whose low half is below 2^32 mod n would favour some results and are drawn again. */
    const uint32_t unfair = (uint32_t)(-n) % n;
    uint64_t product;
    do {
        product = (uint64_t)snas_rng_u32(rng) * n;
    } while ((uint32_t)product < unfair);
    return (uint32_t)(product >> 32);
}

void snas_rng_shuffle(snas_rng *rng, int *items, int count)
{
    for (int i = count - 1; i > 0; i--) {
        const int j = (int)snas_rng_below(rng, (uint32_t)i + 1);
        const int kept = items[i];
        items[i] = items[j];
        items[j] = kept;
    }
}
