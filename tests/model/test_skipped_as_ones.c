/* test_skipped_as_ones.c -- dL/dz of candidates that were not run: 0, or on request what an output of ones would have.
 *
 * The judge is a batch norm: the gradient of the beta of the norm that ends the one candidate of an edge that runs is
 * the sum of the edge's gradient over pictures and pixels, a channel.
 */
#include <stdio.h>
#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "snas/base/rng.h"
#include "snas/kernel/sets.h"
#include "snas/model/network.h"

enum { CELLS = 3, SIDE = 8, BATCH = 5, CLASSES = 4, CHANNELS = 4, EDGES = 14, K = 8, NONE = 0, SKIP = 3 };
enum { SLOTS = CELLS * EDGES * K };

/* How a step is run; a draw of its own for every cell. */
typedef struct {
    const char *kernels;
    int threads;
    bool f64, as_ones;
    double drop_path;
} how_run;

typedef struct {
    snas_network *network;
    double z[SLOTS], dz[SLOTS];
} step_result;

/* One candidate an edge, all eight among them. */
static void choose(double *z)
{
    memset(z, 0, SLOTS * sizeof *z);
    for (int e = 0; e < CELLS * EDGES; e++) {
        z[e * K + (3 * e + e / EDGES) % K] = 1.0;
    }
}

static void run(const how_run *how, step_result *out)
{
    static float images[BATCH * SIDE * SIDE * 3];
    static double doubles[BATCH * SIDE * SIDE * 3];
    static const int labels[BATCH] = {0, 1, 2, 3, 1}, row_of_cell[CELLS] = {0, 1, 2};
    snas_team *team = snas_arena_take(mem, 1, sizeof *team);
    const snas_network_spec spec = {.space = snas_space_find("darts"),
                                    .channels = CHANNELS,
                                    .cells = CELLS,
                                    .classes = CLASSES,
                                    .side = SIDE,
                                    .affine = true};
    const snas_network_options options = {.batch = BATCH,
                                          .training = true,
                                          .dtype = how->f64 ? SNAS_F64 : SNAS_F32,
                                          .kernels = how->kernels,
                                          .norm_momentum = 0.1,
                                          .norm_eps = 1e-5};
    snas_rng rng = snas_rng_at(7, SNAS_STREAM_TEST, 0);
    for (int i = 0; i < BATCH * SIDE * SIDE * 3; i++) {
        images[i] = (float)snas_rng_normal(&rng);
        doubles[i] = (double)images[i];
    }
    assert_non_null(team);
    *team = snas_team_make(how->threads);
    assert_ok(snas_network_create(mem, team, &spec, &options, &out->network));
    snas_network_init(out->network, 5);
    choose(out->z);
    const snas_batch batch = {.count = BATCH,
                              .images = how->f64 ? (void *)doubles : images,
                              .labels = labels,
                              .z = out->z,
                              .row_of_cell = row_of_cell,
                              .sparse = true,
                              .skipped_as_ones = how->as_ones,
                              .drop_path = how->drop_path,
                              .seed = 3,
                              .step = 1};
    snas_outcome outcome;
    snas_network_forward(out->network, &batch, SNAS_MODE_TRAIN, &outcome);
    snas_network_backward(out->network, &batch, out->dz);
}

/* The sum of the gradient of the last beta of a candidate; false: it ends with no norm. */
static bool sum_of_beta(const snas_network *network, int slot, double *sum)
{
    char prefix[64];
    snprintf(prefix, sizeof prefix, "cells.%d._ops.%d._ops.%d.", slot / (EDGES * K), slot / K % EDGES, slot % K);
    const snas_parameter *last = NULL;
    for (int i = 0; i < snas_network_parameter_count(network); i++) {
        const snas_parameter *p = snas_network_parameter(network, i);
        if (strncmp(p->name, prefix, strlen(prefix)) == 0 && strstr(p->name, ".bias") != NULL) {
            last = p;
        }
    }
    *sum = 0.0;
    const double *gradients = snas_network_gradients(network);
    for (int64_t i = 0; last != NULL && i < last->count; i++) {
        *sum += gradients[last->first + i];
    }
    return last != NULL;
}

static int drawn_slot(const step_result *r, int edge)
{
    int k = 0;
    while (r->z[edge * K + k] == 0.0) {
        k++;
    }
    return edge * K + k;
}

static void a_skipped_candidate_has_the_gradient_of_an_output_of_ones(void **state)
{
    (void)state;
    static const double DROP[] = {0.0, 0.4};
    for (int d = 0; d < 2; d++) {
        static step_result r;
        run(&(how_run){.kernels = "plain", .threads = 1, .f64 = true, .as_ones = true, .drop_path = DROP[d]}, &r);
        int judged = 0;
        double largest = 0.0;
        for (int edge = 0; edge < CELLS * EDGES; edge++) {
            const int slot = drawn_slot(&r, edge);
            double sum;
            if (!sum_of_beta(r.network, slot, &sum)) {
                continue;
            }
            judged++;
            for (int k = 0; k < K; k++) {
                if (edge * K + k != slot) {
                    assert_near(r.dz[edge * K + k], sum, 1e-12);
                    largest = fmax(largest, fabs(sum));
                }
            }
        }
        assert_true(judged > CELLS * EDGES / 2 && largest > 1e-3);
    }
}

/* Without drop path all edges of a node have the same sum. */
static void all_are_skipped_where_none_is_drawn(void **state)
{
    (void)state;
    static step_result r;
    run(&(how_run){.kernels = "plain", .threads = 1, .f64 = true, .as_ones = true}, &r);
    int seen = 0;
    for (int cell = 0; cell < CELLS; cell++) {
        for (int node = 0, first = 0; node < 4; first += 2 + node, node++) {
            for (int e = 0; e < 2 + node; e++) {
                const int edge = cell * EDGES + first + e, other = cell * EDGES + first + (e + 1) % (2 + node);
                if (drawn_slot(&r, edge) % K != NONE || drawn_slot(&r, other) % K == SKIP) {
                    continue;
                }
                seen++;
                assert_near(r.dz[edge * K + NONE], 0.0, 0.0); /* what ran: zeros */
                for (int k = NONE + 1; k < K; k++) {
                    assert_near(r.dz[edge * K + k], r.dz[other * K + SKIP], 1e-12);
                }
            }
        }
    }
    assert_true(seen > 0);
}

static void what_was_not_run_reads_zero_unless_asked_for(void **state)
{
    (void)state;
    static step_result r, asked;
    run(&(how_run){.kernels = "plain", .threads = 1, .f64 = true}, &r);
    run(&(how_run){.kernels = "plain", .threads = 1, .f64 = true, .as_ones = true}, &asked);
    for (int i = 0; i < SLOTS; i++) {
        assert_true(r.z[i] == 1.0 ? r.dz[i] == asked.dz[i] : r.dz[i] == 0.0);
    }
    const size_t bytes = (size_t)snas_network_weight_count(r.network) * sizeof(double);
    assert_memory_equal(snas_network_gradients(r.network), snas_network_gradients(asked.network), bytes);
}

static double distance(const double *a, const double *b)
{
    double difference = 0.0, size = 0.0;
    for (int i = 0; i < SLOTS; i++) {
        difference += (a[i] - b[i]) * (a[i] - b[i]);
        size += b[i] * b[i];
    }
    return sqrt(difference / size);
}

static void fused_kernels_agree_with_the_plain_ones(void **state)
{
    (void)state;
    const double FLOAT = 1e-4; /* single precision through 3 cells */
    static const double DROP[] = {0.0, 0.4};
    for (int d = 0; d < 2; d++) {
        static step_result truth, got;
        run(&(how_run){.kernels = "plain", .threads = 1, .f64 = true, .as_ones = true, .drop_path = DROP[d]}, &truth);
        for (int i = 0; snas_kernel_sets[i].name != NULL; i++) {
            if (snas_kernel_sets[i].runs()) {
                run(
                    &(how_run){
                        .kernels = snas_kernel_sets[i].name, .threads = 2, .as_ones = true, .drop_path = DROP[d]},
                    &got);
                print_message("%-9s drop path %.1f: %.2e\n", snas_kernel_sets[i].name, DROP[d],
                              distance(got.dz, truth.dz));
                assert_true(distance(got.dz, truth.dz) < FLOAT);
            }
        }
    }
}

static void the_bytes_do_not_depend_on_threads(void **state)
{
    (void)state;
    static step_result one, many;
    how_run how = {.kernels = snas_kernel_set_name(), .threads = 1, .as_ones = true, .drop_path = 0.4};
    run(&how, &one);
    for (how.threads = 2; how.threads <= 4; how.threads++) {
        run(&how, &many);
        assert_memory_equal(one.dz, many.dz, sizeof one.dz);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_skipped_candidate_has_the_gradient_of_an_output_of_ones),
        cmocka_unit_test(all_are_skipped_where_none_is_drawn),
        cmocka_unit_test(what_was_not_run_reads_zero_unless_asked_for),
        cmocka_unit_test(fused_kernels_agree_with_the_plain_ones),
        cmocka_unit_test(the_bytes_do_not_depend_on_threads),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
