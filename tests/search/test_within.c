/* test_within.c -- the likeliest genotype that keeps to a limit on activations, which are no sum over edges. */
#include "within.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "arena_fixture.h"
#include "check.h"
#include "snas/base/rng.h"

enum {
    ENTRIES = SNAS_CELL_TYPES_MAX * SNAS_EDGES_MAX * SNAS_CANDIDATES_MAX,
    EDGES = 6,
    CHOICES = 5 * 5 * 5 * 5 * 5 * 5
};

static search_within open_child(const snas_space *space, const double *p, int cells)
{
    search_within w = {.p = p,
                       .child = {.space = space,
                                 .channels = 4,
                                 .cells = cells,
                                 .classes = 10,
                                 .side = 8,
                                 .affine = true,
                                 .stem = SNAS_STEM_CIFAR}};
    assert_ok(snas_child_costs_count(mem, &w.child, &w.costs));
    return w;
}

static void fill(const snas_space *space, uint64_t seed, double *p)
{
    snas_rng rng = snas_rng_at(seed, SNAS_STREAM_TEST, 0);
    for (int i = 0; i < space->cell_types * snas_space_edge_count(space) * space->candidate_count; i++) {
        p[i] = snas_rng_uniform(&rng);
    }
}

static snas_peak held_by(const search_within *w, const snas_genotype *genotype, int limit)
{
    snas_peak peak;
    assert_ok(search_limit_measure(mem, w, genotype, limit, &peak));
    assert_true(peak.live <= peak.planned);
    return peak;
}

/* Cell number n of the space of NAS-Bench-201: a candidate an edge. */
static snas_genotype cell(const snas_space *space, int n)
{
    snas_genotype genotype = {.space = space, .pool_bn = true};
    for (int e = 0; e < EDGES; e++, n /= 5) {
        int source, node;
        snas_space_edge(space, e, &source, &node);
        genotype.nodes[0][node].genes[genotype.nodes[0][node].count++] =
            (snas_gene){.candidate = n % 5, .source = source};
    }
    return genotype;
}

static void find_within_all(int limit_of)
{
    static int64_t peaks[CHOICES];
    const snas_space *space = snas_space_find("nas-bench-201");
    double p[ENTRIES];
    const search_within w = open_child(space, p, 3);
    int64_t least = INT64_MAX, most = 0;
    for (int n = 0; n < CHOICES; n++) {
        const snas_genotype genotype = cell(space, n);
        peaks[n] = held_by(&w, &genotype, limit_of).planned;
        least = peaks[n] < least ? peaks[n] : least;
        most = peaks[n] > most ? peaks[n] : most;
    }
    assert_true(least < most);
    for (uint64_t seed = 0; seed < 6; seed++) {
        const int64_t limit = least + (most - 1 - least) * (int64_t)seed / 6;
        snas_derive_request request = {.rule = SNAS_RULE_EDGE};
        request.limit[limit_of] = limit;
        snas_genotype found;
        double best = -HUGE_VAL;
        int looked;
        fill(space, seed, p);
        for (int n = 0; n < CHOICES; n++) {
            const snas_genotype genotype = cell(space, n);
            const double log_p = snas_budget_log_p(&genotype, p);
            best = peaks[n] <= limit && log_p > best ? log_p : best;
        }
        assert_ok(search_within_solve(mem, &w, &request, &found, &looked));
        assert_true(held_by(&w, &found, limit_of).planned <= limit);
        assert_near(snas_budget_log_p(&found, p), best, 1e-9);
        assert_true(looked >= 1);
    }
    snas_derive_request below = {.rule = SNAS_RULE_EDGE};
    below.limit[limit_of] = least - 1;
    char sentence[64];
    snprintf(sentence, sizeof sentence, "keeps to the limit %s=", snas_derive_limit_names[limit_of]);
    snas_genotype found;
    int looked;
    assert_fails(search_within_solve(mem, &w, &below, &found, &looked), SNAS_E_USAGE, sentence);
}

static void the_answer_is_the_likeliest_of_all_cells_that_keep_to_the_limit(void **state)
{
    (void)state;
    for (int i = 0; i < SNAS_DERIVE_LIMITS; i++) {
        find_within_all(i);
    }
}

/* A genotype of random choices that holds what the set asks for. */
static void hold(const snas_forbidden *set, snas_rng *rng, double *p, snas_genotype *genotype)
{
    const snas_space *space = genotype->space;
    const int E = snas_space_edge_count(space), K = space->candidate_count;
    for (int i = 0; i < space->cell_types * E * K; i++) {
        p[i] = snas_rng_uniform(rng);
        const uint32_t asked = set->edges[i / (E * K)][i / K % E];
        p[i] += asked != 0 && (asked >> i % K & 1) != 0 ? 1 : 0;
    }
    *genotype = snas_genotype_derive(space, p, SNAS_RULE_EDGE);
}

static void forbid_in_all_spaces(int limit)
{
    for (int s = 0; snas_spaces[s] != NULL; s++) {
        double p[ENTRIES];
        const search_within w = open_child(snas_spaces[s], p, 6);
        snas_rng rng = snas_rng_at(7, SNAS_STREAM_TEST, 1);
        for (uint64_t seed = 0; seed < 8; seed++) {
            snas_forbidden set;
            fill(snas_spaces[s], seed, p);
            snas_genotype genotype = snas_genotype_derive(snas_spaces[s], p, (snas_rule)(seed % SNAS_RULE_COUNT));
            const int64_t step = limit == SNAS_DERIVE_LIMIT_RAM ? 16 : 64;
            const int64_t most = held_by(&w, &genotype, limit).planned - 1 - step * (int64_t)seed;
            assert_ok(search_limit_forbid(mem, &w, &genotype, (search_limit){limit, most}, &set));
            for (int i = 0; i < 60; i++) {
                hold(&set, &rng, p, &genotype);
                assert_true(held_by(&w, &genotype, limit).planned > most);
            }
        }
    }
}

static void all_that_is_forbidden_is_above_the_limit(void **state)
{
    (void)state;
    for (int i = 0; i < SNAS_DERIVE_LIMITS; i++) {
        forbid_in_all_spaces(i);
    }
}

static void taking_an_operation_out_never_needs_more(void **state)
{
    (void)state;
    for (int s = 0; snas_spaces[s] != NULL; s++) {
        double p[ENTRIES];
        const search_within w = open_child(snas_spaces[s], p, 6);
        for (uint64_t seed = 0; seed < 30; seed++) {
            snas_rng rng = snas_rng_at(seed, SNAS_STREAM_TEST, 2);
            fill(snas_spaces[s], seed, p);
            snas_genotype genotype = snas_genotype_derive(snas_spaces[s], p, SNAS_RULE_EDGE);
            int64_t before[SNAS_DERIVE_LIMITS];
            for (int l = 0; l < SNAS_DERIVE_LIMITS; l++) {
                before[l] = held_by(&w, &genotype, l).live;
            }
            for (int i = 0; i < 20; i++) {
                const uint32_t type = snas_rng_below(&rng, (uint32_t)snas_spaces[s]->cell_types);
                snas_genes *genes = &genotype.nodes[type][snas_rng_below(&rng, (uint32_t)snas_spaces[s]->nodes)];
                genes->count -= genes->count > 0;
                for (int l = 0; l < SNAS_DERIVE_LIMITS; l++) {
                    const int64_t now = held_by(&w, &genotype, l).live;
                    assert_true(now <= before[l]);
                    before[l] = now;
                }
            }
        }
    }
}

/* Probabilities that rise with what a candidate costs, but for some noise: hard for the solver. */
static void fill_by_cost(const search_within *w, uint64_t seed, double noise, double *p)
{
    const snas_space *space = w->child.space;
    const int E = snas_space_edge_count(space), K = space->candidate_count;
    snas_rng rng = snas_rng_at(seed, SNAS_STREAM_TEST, 3);
    for (int edge = 0; edge < space->cell_types * E; edge++) {
        double sum = 0, most = 1;
        for (int k = 0; k < K; k++) {
            most = fmax(most, (double)w->costs.candidate[edge * K + k].parameters);
        }
        for (int k = 0; k < K; k++) {
            const double cost = (double)w->costs.candidate[edge * K + k].parameters / most;
            p[edge * K + k] = exp(2 * cost + noise * snas_rng_uniform(&rng));
            sum += p[edge * K + k];
        }
        for (int k = 0; k < K; k++) {
            p[edge * K + k] /= sum;
        }
    }
}

static void two_budgets_of_the_published_child_are_solved_within_a_second(void **state)
{
    (void)state;
    double p[ENTRIES];
    search_within w = open_child(snas_space_find("darts"), p, 20);
    w.child.channels = 36;
    w.child.side = 32;
    assert_ok(snas_child_costs_count(mem, &w.child, &w.costs));
    for (uint64_t seed = 0; seed < 18; seed++) {
        snas_derive_request request = {.rule = (snas_rule)(seed % SNAS_RULE_COUNT)};
        snas_derived_child own, child;
        snas_genotype found;
        int looked;
        fill_by_cost(&w, seed, seed % 2 == 0 ? 2 : 0.2, p);
        found = snas_genotype_derive(w.child.space, p, request.rule);
        assert_ok(search_within_cost(mem, &w, &found, &own));
        for (int i = SNAS_DERIVE_PARAMETERS; i <= SNAS_DERIVE_MACS; i++) {
            request.most[i] = (int64_t)((double)own.cost[i] * (i == 0 ? 0.7 : 0.66));
        }
        const clock_t begun = clock();
        assert_ok(search_within_solve(mem, &w, &request, &found, &looked));
        assert_true(SANITIZED || (double)(clock() - begun) / CLOCKS_PER_SEC < 1);
        assert_ok(search_within_cost(mem, &w, &found, &child));
        for (int i = SNAS_DERIVE_PARAMETERS; i <= SNAS_DERIVE_MACS; i++) {
            assert_true(child.cost[i] <= request.most[i]);
        }
        assert_true(child.log_p < own.log_p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_answer_is_the_likeliest_of_all_cells_that_keep_to_the_limit),
        cmocka_unit_test(all_that_is_forbidden_is_above_the_limit),
        cmocka_unit_test(taking_an_operation_out_never_needs_more),
        cmocka_unit_test(two_budgets_of_the_published_child_are_solved_within_a_second),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
