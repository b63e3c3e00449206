/* draw_fixture.h -- small logits of two cell types, and a draw from them in which two rows share a type. */
#ifndef SNAS_TESTS_DRAW_FIXTURE_H
#define SNAS_TESTS_DRAW_FIXTURE_H

#include "arena_fixture.h"
#include "check.h"
#include "snas/arch/estimator.h"

enum { TYPES = 2, EDGES = 3, K = 5, ROW_COUNT = 3, LOGITS = TYPES * EDGES * K, DRAWN = ROW_COUNT * EDGES * K };

static const int TYPE_OF_ROW[ROW_COUNT] = {0, 1, 0}; /* two rows share the logits of type 0 */

/* Random logits and a draw from them. */
static inline void make(const snas_estimator *estimator, uint64_t seed, double tau, snas_logits *logits,
                        snas_draw *draw)
{
    assert_ok(snas_logits_create(mem, TYPES, EDGES, K, logits));
    snas_logits_init(logits, seed, 1, 1);
    assert_ok(snas_draw_create(mem, logits, ROW_COUNT, TYPE_OF_ROW, draw));
    snas_rng rng = snas_rng_at(seed, SNAS_STREAM_TEST, 1);
    snas_draw_noise(logits, draw, &rng);
    draw->temperature = tau;
    estimator->draw(logits, draw);
}

#endif
