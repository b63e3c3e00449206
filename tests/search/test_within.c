/* test_within.c -- the likeliest genotype that keeps to a limit on activations, which are no sum over edges. */
#include "within.h"

#include <math.h>
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

static snas_peak peak_of(const search_within *w, const snas_genotype *genotype)
{
    snas_network_spec spec = w->child;
    snas_peak peak;
    spec.genotype = genotype;
    assert_ok(snas_child_peak(mem, &spec, &peak));
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

static void the_answer_is_the_likeliest_of_all_cells_that_keep_to_the_limit(void **state)
{
    (void)state;
    static int64_t peaks[CHOICES];
    const snas_space *space = snas_space_find("nas-bench-201");
    double p[ENTRIES];
    const search_within w = open_child(space, p, 3);
    int64_t least = INT64_MAX, most = 0;
    for (int n = 0; n < CHOICES; n++) {
        const snas_genotype genotype = cell(space, n);
        peaks[n] = peak_of(&w, &genotype).planned;
        least = peaks[n] < least ? peaks[n] : least;
        most = peaks[n] > most ? peaks[n] : most;
    }
    assert_true(least < most);
    for (uint64_t seed = 0; seed < 6; seed++) {
        const int64_t limit = least + (most - 1 - least) * (int64_t)seed / 6;
        const snas_derive_request request = {.rule = SNAS_RULE_EDGE, .peak_most = limit};
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
        assert_true(peak_of(&w, &found).planned <= limit);
        assert_near(snas_budget_log_p(&found, p), best, 1e-9);
        assert_true(looked >= 1);
    }
    const snas_derive_request below = {.rule = SNAS_RULE_EDGE, .peak_most = least - 1};
    snas_genotype found;
    int looked;
    assert_fails(search_within_solve(mem, &w, &below, &found, &looked), SNAS_E_USAGE, "keeps to the limit peak_bytes=");
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

static void all_that_is_forbidden_is_above_the_limit(void **state)
{
    (void)state;
    for (int s = 0; snas_spaces[s] != NULL; s++) {
        double p[ENTRIES];
        const search_within w = open_child(snas_spaces[s], p, 6);
        snas_rng rng = snas_rng_at(7, SNAS_STREAM_TEST, 1);
        for (uint64_t seed = 0; seed < 8; seed++) {
            snas_forbidden set;
            fill(snas_spaces[s], seed, p);
            snas_genotype genotype = snas_genotype_derive(snas_spaces[s], p, (snas_rule)(seed % SNAS_RULE_COUNT));
            const int64_t most = peak_of(&w, &genotype).planned - 1 - 64 * (int64_t)seed;
            assert_ok(search_limit_forbid(mem, &w, &genotype, most, &set));
            for (int i = 0; i < 60; i++) {
                hold(&set, &rng, p, &genotype);
                assert_true(peak_of(&w, &genotype).planned > most);
            }
        }
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
            int64_t before = peak_of(&w, &genotype).live;
            for (int i = 0; i < 20; i++) {
                const uint32_t type = snas_rng_below(&rng, (uint32_t)snas_spaces[s]->cell_types);
                snas_genes *genes = &genotype.nodes[type][snas_rng_below(&rng, (uint32_t)snas_spaces[s]->nodes)];
                genes->count -= genes->count > 0;
                const int64_t now = peak_of(&w, &genotype).live;
                assert_true(now <= before);
                before = now;
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
        for (int i = 0; i < SNAS_DERIVE_BUDGETS; i++) {
            request.most[i] = (int64_t)((double)own.cost[i] * (i == 0 ? 0.7 : 0.66));
        }
        const clock_t begun = clock();
        assert_ok(search_within_solve(mem, &w, &request, &found, &looked));
        assert_true(SANITIZED || (double)(clock() - begun) / CLOCKS_PER_SEC < 1);
        assert_ok(search_within_cost(mem, &w, &found, &child));
        for (int i = 0; i < SNAS_DERIVE_BUDGETS; i++) {
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
