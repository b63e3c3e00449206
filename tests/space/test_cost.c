/* test_cost.c -- costs against the published table, the penalty against golden values and central differences. */
#include <string.h>

#include "check.h"
#include "snas/base/rng.h"
#include "snas/space/cost.h"

enum { C = 16, L = 8, E = 14, K = 8, SIDE = 32, CELL = E * K };

static const double ROUNDING = 1e-12;                /* a few hundred additions in double */
static const double DIFFERENCE = 2e-7;               /* central difference in double, h = 1e-5: h^2 and rounding / h */
static const int ROWS[L] = {0, 0, 1, 0, 0, 1, 0, 0}; /* a row a cell type */

typedef struct {
    snas_arena *mem;
    snas_cost_table table;
} fixture;

static int setup(void **state)
{
    static fixture f;
    assert_ok(snas_arena_create("test", 0, &f.mem));
    assert_ok(snas_cost_table_create(f.mem, snas_space_find("darts"), C, L, SIDE, &f.table));
    for (int i = 0; i < L * f.table.edges * f.table.candidates; i++) { /* as a table of measured times does */
        f.table.cost[i].term[SNAS_COST_LATENCY] = 2.0 + i % f.table.candidates;
    }
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    snas_arena_destroy(((fixture *)*state)->mem);
    return 0;
}

static void costs_are_those_of_the_published_table(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        snas_cost_place place;
        snas_cost cost; /* size, flops, mac */
    } ROWS_OF_TABLE[] = {
        {"sep_conv_3x3", {16, 32, 1}, {{800, 819200, 131872}}},
        {"sep_conv_5x5", {16, 32, 1}, {{1312, 1343488, 132384}}},
        {"dil_conv_3x3", {16, 32, 1}, {{400, 409600, 65936}}},
        {"dil_conv_5x5", {16, 32, 1}, {{656, 671744, 66192}}},
        {"max_pool_3x3", {16, 32, 1}, {{0, 147456, 32768}}},
        {"avg_pool_3x3", {16, 32, 1}, {{0, 147456, 32768}}},
        {"skip_connect", {16, 32, 1}, {{0, 0, 32768}}},
        {"skip_connect", {32, 16, 2}, {{1024, 262144, 74752}}},
        {"sep_conv_3x3", {32, 16, 2}, {{2624, 671744, 92736}}},
        {"none", {16, 32, 1}, {{0, 0, 0}}},
        {"max_pool_3x3", {32, 16, 2}, {{0, 73728, 40960}}},
        {"dil_conv_5x5", {32, 16, 2}, {{1824, 466944, 59168}}},
    };
    for (size_t i = 0; i < sizeof ROWS_OF_TABLE / sizeof ROWS_OF_TABLE[0]; i++) {
        const snas_cost cost = snas_candidate_cost(snas_candidate_find(ROWS_OF_TABLE[i].name), ROWS_OF_TABLE[i].place);
        for (int n = 0; n < SNAS_COSTS; n++) {
            assert_near(cost.term[n], ROWS_OF_TABLE[i].cost.term[n], 0);
        }
    }
}

/* R when every edge has the weights w [K]. */
static double with_weights(const fixture *f, bool logarithmic, const double *w)
{
    double all[2 * CELL];
    for (size_t i = 0; i < 2 * E; i++) {
        memcpy(all + i * K, w, K * sizeof *w);
    }
    const snas_penalty penalty = {.logarithmic = logarithmic, .ratio = 1};
    return snas_penalty_value(&penalty, &f->table, all, ROWS, 2, NULL);
}

static void uniform_weights_cost_the_golden_penalty(void **state)
{
    double w[K];
    for (int k = 0; k < K; k++) {
        w[k] = 1.0 / K;
    }
    assert_near(with_weights(*state, false, w), 60052.16256, 1e-10);
    assert_near(with_weights(*state, true, w), 284.84959399, 1e-10);
}

static void one_hot_weights_cost_the_golden_penalties(void **state)
{
    static const struct {
        const char *name;
        double linear, logarithmic; /* as printed: one and three decimals */
    } GOLDEN[] = {{"none", 0, 0},
                  {"skip_connect", 21296.2, 146.727},
                  {"max_pool_3x3", 2737.2, 194.389},
                  {"avg_pool_3x3", 2737.2, 194.389},
                  {"dil_conv_3x3", 67369.7, 286.615},
                  {"dil_conv_5x5", 84268.6, 292.475},
                  {"sep_conv_3x3", 134105.3, 305.438},
                  {"sep_conv_5x5", 167903.1, 311.310}};
    for (size_t i = 0; i < sizeof GOLDEN / sizeof GOLDEN[0]; i++) {
        double w[K] = {0};
        w[snas_space_candidate(snas_space_find("darts"), GOLDEN[i].name)] = 1;
        assert_true(fabs(with_weights(*state, false, w) - GOLDEN[i].linear) <= 0.0501);
        assert_true(fabs(with_weights(*state, true, w) - GOLDEN[i].logarithmic) <= 0.000501);
    }
}

static void gradient_matches_central_difference(void **state)
{
    const fixture *f = *state;
    snas_rng rng = snas_rng_at(1, SNAS_STREAM_TEST, 0);
    const double h = 1e-5;
    for (int column = -1; column < SNAS_COSTS; column++) {
        for (int logarithmic = 0; logarithmic < 2; logarithmic++) {
            const snas_penalty penalty = {
                .only = column < 0 ? NULL : &snas_cost_columns[column], .logarithmic = logarithmic == 1, .ratio = 0.7};
            double w[2 * CELL], dR[2 * CELL];
            for (int i = 0; i < 2 * CELL; i++) {
                w[i] = 0.05 + snas_rng_uniform(&rng);
            }
            const double R = snas_penalty_value(&penalty, &f->table, w, ROWS, 2, dR);
            for (int i = 0; i < 2 * CELL; i++) {
                const double kept = w[i];
                w[i] = kept + h;
                const double up = snas_penalty_value(&penalty, &f->table, w, ROWS, 2, NULL);
                w[i] = kept - h;
                const double down = snas_penalty_value(&penalty, &f->table, w, ROWS, 2, NULL);
                w[i] = kept;
                /* relative to R: the difference of two R loses R * 1e-16 / h */
                assert_near(dR[i] / R, (up - down) / (2 * h) / R, DIFFERENCE);
            }
        }
    }
}

static void a_row_a_cell_sums_to_a_row_a_type(void **state)
{
    const fixture *f = *state;
    static const int OWN[L] = {0, 1, 2, 3, 4, 5, 6, 7};
    const snas_penalty penalty = {.logarithmic = true, .ratio = 1};
    double w[2 * CELL], each[L * CELL], dR[2 * CELL], d_each[L * CELL];
    snas_rng rng = snas_rng_at(2, SNAS_STREAM_TEST, 0);
    for (int i = 0; i < 2 * CELL; i++) {
        w[i] = snas_rng_uniform(&rng);
    }
    for (int cell = 0; cell < L; cell++) {
        memcpy(each + cell * CELL, w + ROWS[cell] * CELL, CELL * sizeof *w);
    }
    const double shared = snas_penalty_value(&penalty, &f->table, w, ROWS, 2, dR);
    assert_near(snas_penalty_value(&penalty, &f->table, each, OWN, L, d_each), shared, ROUNDING);
    for (int i = 0; i < CELL; i++) {
        double sum = 0;
        for (int cell = 0; cell < L; cell++) {
            sum += ROWS[cell] == 1 ? d_each[cell * CELL + i] : 0;
        }
        assert_near(sum, dR[CELL + i], ROUNDING);
    }
}

static void a_term_below_one_has_no_logarithm_and_no_gradient(void **state)
{
    const fixture *f = *state;
    const snas_penalty penalty = {.only = &snas_cost_columns[SNAS_COST_SIZE], .logarithmic = true, .ratio = 1};
    double w[2 * CELL] = {0}, dR[2 * CELL];
    w[4] = 1e-4; /* sep_conv_3x3 of 800 weights on the first edge: S = 0.08 */
    assert_near(snas_penalty_value(&penalty, &f->table, w, ROWS, 2, dR), 0, 0);
    for (int i = 0; i < 2 * CELL; i++) {
        assert_near(dR[i], 0, 0);
    }
}

static void the_ratio_weighs_the_reduction_cells_alone(void **state)
{
    const fixture *f = *state;
    double w[2 * CELL];
    for (int i = 0; i < 2 * CELL; i++) {
        w[i] = 1.0 / K;
    }
    const snas_penalty zero = {.ratio = 0}, one = {.ratio = 1}, three = {.ratio = 3};
    const double R0 = snas_penalty_value(&zero, &f->table, w, ROWS, 2, NULL);
    const double R1 = snas_penalty_value(&one, &f->table, w, ROWS, 2, NULL);
    assert_near(snas_penalty_value(&three, &f->table, w, ROWS, 2, NULL), R0 + 3 * (R1 - R0), ROUNDING);
    assert_true(R1 > R0 && R0 > 0);
}

/* Costs that every edge of the reduction cells, and of cell 0, has in R when each edge has weights of its own: worked
 * out from the table, edge by edge. */
static void what_the_edges_cost_adds_up_to_the_penalty(void **state)
{
    const fixture *f = *state;
    const double factors[SNAS_COSTS] = {0.43 * 2, 0.43 / 4000, 0.43 / 100};
    snas_rng rng = snas_rng_at(3, SNAS_STREAM_TEST, 0);
    double w[2 * CELL], by_edge[2 * E];
    for (int i = 0; i < 2 * CELL; i++) {
        w[i] = snas_rng_uniform(&rng) * (i % 5 > 0);
    }
    for (int logarithmic = 0; logarithmic < 2; logarithmic++) {
        const snas_penalty penalty = {.logarithmic = logarithmic == 1, .ratio = 0.7};
        double want[2 * E] = {0}, total = 0;
        for (int i = 0; i < L * E; i++) {
            const int row = ROWS[i / E], e = i % E;
            double r = 0;
            for (int n = 0; n <= SNAS_COST_MAC; n++) { /* a measured time is not in the sum of all */
                double sum = 0;
                for (int k = 0; k < K; k++) {
                    sum += w[(row * E + e) * K + k] * f->table.cost[i * K + k].term[n];
                }
                r += logarithmic == 0 ? factors[n] * sum : sum > 1 ? log(sum) / 3 : 0;
            }
            want[row * E + e] += row == 0 ? r / 6 : 0.7 * r / 2;
        }
        const double R = snas_penalty_by_edge(&penalty, &f->table, w, ROWS, 2, by_edge);
        assert_near(R, snas_penalty_value(&penalty, &f->table, w, ROWS, 2, NULL), 0);
        for (int i = 0; i < 2 * E; i++) {
            assert_near(by_edge[i] / want[i], 1, ROUNDING);
            total += by_edge[i];
        }
        assert_near(total / R, 1, ROUNDING);
    }
}

static void the_baseline_is_what_the_mean_cost_of_a_cell_costs(void **state)
{
    const fixture *f = *state;
    const snas_penalty linear = {.ratio = 0.7}, logarithmic = {.logarithmic = true, .ratio = 0.7};
    double uniform[2 * CELL], by_edge[2 * E], baseline[2];
    for (int i = 0; i < 2 * CELL; i++) {
        uniform[i] = 1.0 / K;
    }
    /* linear: the edges of a cell with uniform weights cost the mean in the mean */
    snas_penalty_by_edge(&linear, &f->table, uniform, ROWS, 2, by_edge);
    snas_penalty_baseline(&linear, &f->table, ROWS, 2, baseline);
    for (int type = 0; type < 2; type++) {
        double mean = 0;
        for (int e = 0; e < E; e++) {
            mean += by_edge[type * E + e] / E;
        }
        assert_near(baseline[type] / mean, 1, ROUNDING);
    }
    /* log: ln of each mean, a third each, by hand */
    double want[2] = {0};
    for (int cell = 0; cell < L; cell++) {
        double mean[SNAS_COSTS] = {0};
        for (int i = 0; i < CELL * SNAS_COSTS; i++) {
            mean[i % SNAS_COSTS] += f->table.cost[cell * CELL + i / SNAS_COSTS].term[i % SNAS_COSTS] / CELL;
        }
        want[ROWS[cell]] += log(mean[0] * mean[1] * mean[2]) / 3 * (ROWS[cell] == 1 ? 0.7 / 2 : 1.0 / 6);
    }
    snas_penalty_baseline(&logarithmic, &f->table, ROWS, 2, baseline);
    assert_near(baseline[0], want[0], ROUNDING);
    assert_near(baseline[1], want[1], ROUNDING);
}

static void fixed_blocks_between_stages_cost_nothing(void **state)
{
    const fixture *f = *state;
    snas_cost_table table;
    assert_ok(snas_cost_table_create(f->mem, snas_space_find("nas-bench-201"), 16, 17, 32, &table));
    assert_int_equal(table.type_count[0], 15);
    assert_int_equal(table.type[5], SNAS_COST_NOT_SEARCHED);
    assert_near(table.cost[5 * 6 * 5 + 3].term[SNAS_COST_SIZE], 0, 0);
    assert_near(table.cost[16 * 6 * 5 + 3].term[SNAS_COST_SIZE], 64 * 64 * 9, 0); /* nor_conv_3x3 in the last stage */
    assert_near(table.cost[16 * 6 * 5 + 3].term[SNAS_COST_FLOPS], 64 * 64 * 9 * 64, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(costs_are_those_of_the_published_table),
        cmocka_unit_test(uniform_weights_cost_the_golden_penalty),
        cmocka_unit_test(one_hot_weights_cost_the_golden_penalties),
        cmocka_unit_test(gradient_matches_central_difference),
        cmocka_unit_test(a_row_a_cell_sums_to_a_row_a_type),
        cmocka_unit_test(a_term_below_one_has_no_logarithm_and_no_gradient),
        cmocka_unit_test(the_ratio_weighs_the_reduction_cells_alone),
        cmocka_unit_test(what_the_edges_cost_adds_up_to_the_penalty),
        cmocka_unit_test(the_baseline_is_what_the_mean_cost_of_a_cell_costs),
        cmocka_unit_test(fixed_blocks_between_stages_cost_nothing),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
