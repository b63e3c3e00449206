/* test_descent.c -- which weights a step moves: not those of candidates that did not run. */
#include <stdio.h>
#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "run_fixture.h"
#include "snas/learn/descent.h"
#include "snas/learn/run_network.h"

enum { BATCH = 4, CANDIDATES = 8, ROW = 14 * CANDIDATES, CHOSEN = 4 };

static const snas_team one = {.threads = 1};

/* A step of the network and its descent under z. */
static void step(snas_network *network, const snas_descent *descent, const double *z, bool sparse)
{
    static const int row_of_cell[] = {0, 1, 1};
    static float images[BATCH * FIXTURE_SIDE * FIXTURE_SIDE * 3];
    static const int labels[BATCH] = {0, 1, 2, 3};
    double dz[2 * ROW];
    for (size_t i = 0; i < sizeof images / sizeof images[0]; i++) {
        images[i] = (float)((i * 7919) % 101) / 50.0f - 1.0f;
    }
    const snas_batch batch = {
        .count = BATCH, .images = images, .labels = labels, .z = z, .row_of_cell = row_of_cell, .sparse = sparse};
    snas_outcome outcome;
    snas_network_forward(network, &batch, SNAS_MODE_TRAIN, &outcome);
    snas_network_backward(network, &batch, dz);
    snas_descent_step(descent, &one, 0.1, snas_descent_norm(descent, &one));
}

/* The candidate in a parameter's name "cells.1._ops.3._ops.4.op.1.weight"; -1 outside of the candidates. */
static int candidate_of(const char *name)
{
    int cell, edge, candidate;
    return sscanf(name, "cells.%d._ops.%d._ops.%d", &cell, &edge, &candidate) == 3 ? candidate : -1;
}

static void weights_of_candidates_that_did_not_run_stay_with_their_momentum(void **state)
{
    (void)state;
    const snas_weights_config settings = {.rate = 0.1,
                                          .schedule = snas_rate_schedule_find("constant"),
                                          .momentum = 0.9,
                                          .decay = 0.01,
                                          .decay_norms_and_biases = true,
                                          .pace_of_norms_and_biases = 1.0};
    const snas_network_spec spec = {.space = snas_space_find("darts"),
                                    .channels = 4,
                                    .cells = 3,
                                    .classes = 4,
                                    .side = FIXTURE_SIDE,
                                    .affine = true};
    const snas_network_options options = snas_run_network_options(BATCH, 16, false, NULL);
    snas_network *network;
    snas_descent descent;
    double mixed[2 * ROW], chosen[2 * ROW];
    for (int i = 0; i < 2 * ROW; i++) {
        mixed[i] = 1.0 / CANDIDATES;
        chosen[i] = i % CANDIDATES == CHOSEN;
    }
    assert_ok(snas_network_create(mem, &one, &spec, &options, &network));
    snas_network_init(network, 1);
    assert_ok(snas_descent_create(mem, &settings, network, 2, 1, &descent));
    step(network, &descent, mixed, false); /* everything has a momentum now */

    const size_t bytes = (size_t)descent.count * sizeof(float);
    float *w = snas_network_weights(network), *m = descent.momentum;
    float *w_before = snas_arena_take(mem, bytes, 1), *m_before = snas_arena_take(mem, bytes, 1);
    memcpy(w_before, w, bytes);
    memcpy(m_before, m, bytes);
    step(network, &descent, chosen, true);
    int stayed = 0, moved = 0;
    for (int i = 0; i < snas_network_parameter_count(network); i++) {
        const snas_parameter *p = snas_network_parameter(network, i);
        const int candidate = candidate_of(p->name);
        const bool frozen = candidate >= 0 && candidate != CHOSEN;
        const size_t at = (size_t)p->first, size = (size_t)p->count * sizeof(float);
        const bool same = memcmp(w + at, w_before + at, size) == 0 && memcmp(m + at, m_before + at, size) == 0;
        if (same != frozen) {
            fail_msg("'%s' %s", p->name, same ? "stayed" : "moved");
        }
        stayed += frozen;
        moved += candidate == CHOSEN;
    }
    assert_true(stayed > 100 && moved > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_of_candidates_that_did_not_run_stay_with_their_momentum),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
