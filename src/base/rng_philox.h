/* rng_philox.h -- the bijection of the generators, shown to base's tests for the published vectors. */
#ifndef SNAS_BASE_RNG_PHILOX_H
#define SNAS_BASE_RNG_PHILOX_H

#include <stdint.h>

/** Philox 4x32-10: four random words for a counter and a key. Source: Salmon et al., SC 2011. */
void base_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

#endif
