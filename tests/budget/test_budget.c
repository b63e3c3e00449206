/* test_budget.c -- the likeliest architecture within budgets, against every architecture there is. */
#include "snas/budget/budget.h"

#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "snas/base/rng.h"
#include "snas/base/text.h"

enum { ENTRIES = SNAS_CELL_TYPES_MAX * SNAS_EDGES_MAX * SNAS_CANDIDATES_MAX, TERMS = 2 };

/* --- a problem ---------------------------------------------------------------------------------------------------- */

typedef struct {
    double p[ENTRIES];
    int64_t cost[TERMS][ENTRIES];
    snas_budget_term terms[TERMS];
    snas_budget budget;
} problem;

static int entries_of(const snas_space *space)
{
    return space->cell_types * snas_space_edge_count(space) * space->candidate_count;
}

/* Probabilities of `values` different sizes, costs of as many: few make ties. */
static void make_problem(const snas_space *space, snas_rule rule, uint64_t seed, uint32_t values, problem *out)
{
    snas_rng rng = snas_rng_at(seed, SNAS_STREAM_TEST, 0);
    memset(out, 0, sizeof *out);
    for (int i = 0; i < entries_of(space); i++) {
        out->p[i] = (1 + (double)snas_rng_below(&rng, values)) / values;
        for (int t = 0; t < TERMS; t++) {
            const bool is_zero = space->candidates[i % space->candidate_count]->is_zero;
            out->cost[t][i] = is_zero ? 0 : (int64_t)snas_rng_below(&rng, values);
        }
    }
    for (int t = 0; t < TERMS; t++) {
        out->terms[t] =
            (snas_budget_term){.name = t == 0 ? "parameters" : "macs", .fixed = 100 * t, .cost = out->cost[t]};
    }
    out->budget = (snas_budget){.space = space, .p = out->p, .rule = rule, .terms = out->terms};
}

/* --- every architecture ------------------------------------------------------------------------------------------- */

typedef struct {
    const snas_budget *budget;
    snas_genotype now, best;
    double now_log_p, best_log_p;
    int64_t best_cost[TERMS], least[TERMS];
    int within; /* architectures */
} search;

/* Is the genotype one of the forbidden? */
static bool is_in(const snas_genotype *genotype, const snas_forbidden *set)
{
    const snas_space *space = genotype->space;
    double z[ENTRIES];
    const int E = snas_space_edge_count(space), K = space->candidate_count;
    snas_genotype_one_hot(genotype, z);
    for (int type = 0; type < space->cell_types; type++) {
        for (int e = 0; e < E; e++) {
            bool holds = set->edges[type][e] == 0;
            for (int k = 0; k < K; k++) {
                holds = holds || (z[(type * E + e) * K + k] == 1 && (set->edges[type][e] >> k & 1) != 0);
            }
            if (!holds) {
                return false;
            }
        }
    }
    return true;
}

static void judge(search *s)
{
    int64_t cost[TERMS] = {0};
    bool within = true;
    const double log_p = snas_budget_log_p(&s->now, s->budget->p);
    for (int t = 0; t < s->budget->term_count; t++) {
        cost[t] = snas_budget_cost(&s->now, &s->budget->terms[t]);
        s->least[t] = cost[t] < s->least[t] ? cost[t] : s->least[t];
        within = within && cost[t] <= s->budget->terms[t].most;
    }
    for (int i = 0; i < s->budget->forbidden_count; i++) {
        within = within && !is_in(&s->now, &s->budget->forbidden[i]);
    }
    const bool same = fabs(log_p - s->best_log_p) < 1e-9;
    const bool cheaper = cost[0] < s->best_cost[0] || (cost[0] == s->best_cost[0] && cost[1] < s->best_cost[1]);
    if (within && (s->within++ == 0 || (same ? cheaper : log_p > s->best_log_p))) {
        s->best = s->now;
        s->best_log_p = log_p;
        memcpy(s->best_cost, cost, sizeof cost);
    }
}

static void choose_edge(search *s, int type, int node, int source);

static void choose_node(search *s, int type, int node)
{
    if (node == s->budget->space->nodes) {
        choose_node(s, type + 1, 0);
    } else if (type == s->budget->space->cell_types) {
        judge(s);
    } else {
        choose_edge(s, type, node, 0);
    }
}

/* Leave the edge out where the rule has more than it keeps, or take each candidate. */
static void choose_edge(search *s, int type, int node, int source)
{
    const snas_space *space = s->budget->space;
    const snas_rule_row rule = snas_rule_rows[s->budget->rule];
    const int edges = space->inputs + node, keep = edges < rule.keep ? edges : rule.keep;
    snas_genes *genes = &s->now.nodes[type][node];
    if (source == edges) {
        if (genes->count == keep) {
            choose_node(s, type, node + 1);
        }
        return;
    }
    choose_edge(s, type, node, source + 1);
    for (int k = 0; k < space->candidate_count && genes->count < keep; k++) {
        if (!(rule.without_none && space->candidates[k]->is_zero)) {
            genes->genes[genes->count++] = (snas_gene){.candidate = k, .source = source};
            choose_edge(s, type, node, source + 1);
            genes->count--;
        }
    }
}

static search search_all(const snas_budget *budget)
{
    search s = {.budget = budget,
                .now = {.space = budget->space, .pool_bn = true},
                .best_log_p = -HUGE_VAL,
                .least = {INT64_MAX, INT64_MAX}};
    choose_node(&s, 0, 0);
    return s;
}

/* Small enough: 59049, 59049 and 2304 architectures by the three rules. */
static snas_space small_space(void)
{
    static const snas_candidate *candidates[3];
    candidates[0] = snas_candidate_find("none");
    candidates[1] = snas_candidate_find("skip_connect");
    candidates[2] = snas_candidate_find("sep_conv_3x3");
    snas_space space = *snas_space_find("darts");
    space.candidates = candidates;
    space.candidate_count = 3;
    space.nodes = 2;
    return space;
}

static void assert_same_genotype(const snas_genotype *a, const snas_genotype *b)
{
    double x[ENTRIES], y[ENTRIES];
    snas_genotype_one_hot(a, x);
    snas_genotype_one_hot(b, y);
    assert_memory_equal(x, y, (size_t)entries_of(a->space) * sizeof *x);
}

/* --- tests -------------------------------------------------------------------------------------------------------- */

/* Bounds between the least cost and that of the rule's own cell. */
static void tighten(problem *q, const search *all, uint64_t seed)
{
    snas_rng rng = snas_rng_at(seed, SNAS_STREAM_TEST, 1);
    const snas_genotype own = snas_genotype_derive(q->budget.space, q->p, q->budget.rule);
    for (int t = 0; t < q->budget.term_count; t++) {
        const int64_t most = snas_budget_cost(&own, &q->terms[t]);
        q->terms[t].most = all->least[t] + (int64_t)(snas_rng_uniform(&rng) * (double)(most - all->least[t]));
    }
}

static void compare_with_all(snas_rule rule, int terms, uint64_t seed)
{
    static problem q;
    const snas_space space = small_space();
    make_problem(&space, rule, seed, seed % 2 == 0 ? 4 : 1000, &q);
    q.budget.term_count = terms;
    const search everything = search_all(&q.budget);
    tighten(&q, &everything, seed);
    const search all = search_all(&q.budget);
    snas_budget_answer found;
    if (all.within == 0) {
        assert_fails(snas_budget_solve(mem, &q.budget, &found), SNAS_E_USAGE, "together: within the former the least");
        return;
    }
    assert_ok(snas_budget_solve(mem, &q.budget, &found));
    assert_true(found.found);
    assert_near(snas_budget_log_p(&found.genotype, q.p), all.best_log_p, 1e-9);
    for (int t = 0; t < terms; t++) {
        assert_int_equal(found.cost[t], snas_budget_cost(&found.genotype, &q.terms[t]));
        assert_true(found.cost[t] <= q.terms[t].most);
        assert_int_equal(found.cost[t], all.best_cost[t]);
    }
}

static void the_answer_is_the_best_of_all_architectures(void **state)
{
    (void)state;
    for (int rule = 0; rule < SNAS_RULE_COUNT; rule++) {
        for (int terms = 1; terms <= TERMS; terms++) {
            for (uint64_t seed = 0; seed < 12; seed++) {
                compare_with_all((snas_rule)rule, terms, seed);
            }
        }
    }
}

static void a_loose_budget_leaves_the_rule_its_own_cell(void **state)
{
    (void)state;
    static problem q;
    for (int s = 0; snas_spaces[s] != NULL; s++) {
        for (int rule = 0; rule < SNAS_RULE_COUNT; rule++) {
            for (uint64_t seed = 0; seed < 20; seed++) {
                make_problem(snas_spaces[s], (snas_rule)rule, seed, seed % 2 == 0 ? 2 : 1000, &q);
                const snas_genotype own = snas_genotype_derive(snas_spaces[s], q.p, (snas_rule)rule);
                snas_budget_answer found;
                for (int t = 0; t < TERMS; t++) {
                    q.terms[t].most = snas_budget_cost(&own, &q.terms[t]);
                }
                q.budget.term_count = TERMS;
                assert_ok(snas_budget_solve(mem, &q.budget, &found));
                assert_same_genotype(&found.genotype, &own);
            }
        }
    }
}

static void a_budget_that_nothing_meets_is_told_with_the_least_possible(void **state)
{
    (void)state;
    static problem q;
    const snas_space space = small_space();
    snas_budget_answer found;
    make_problem(&space, SNAS_RULE_DARTS, 5, 1000, &q);
    q.budget.term_count = TERMS;
    const search all = search_all(&q.budget);
    q.terms[0].most = INT64_MAX / 4;
    q.terms[1].most = all.least[1] - 1;
    const char *wanted = snas_format(mem, "budget macs=%lld: the least possible is %lld", (long long)all.least[1] - 1,
                                     (long long)all.least[1]);
    assert_fails(snas_budget_solve(mem, &q.budget, &found), SNAS_E_USAGE, wanted);
    q.terms[0].most = all.least[0];
    q.terms[1].most = all.least[1];
    const search both = search_all(&q.budget);
    assert_int_equal(both.within, 0); /* no architecture is the cheapest in both */
    q.terms[1].most = INT64_MAX / 4;
    const search first = search_all(&q.budget);
    assert_true(first.within > 0);
    q.terms[1].most = all.least[1];
    wanted = snas_format(mem, "within the former the least possible macs is %lld", (long long)first.best_cost[1]);
    assert_fails(snas_budget_solve(mem, &q.budget, &found), SNAS_E_USAGE, wanted);
}

enum { SETS = 8 };

/* Forbid each answer by two of its edges, one a type, and see every time that the next is the best of what is left. */
static void forbidden_architectures_are_passed_over(void **state)
{
    (void)state;
    static problem q;
    const snas_space space = small_space();
    for (int rule = 0; rule < SNAS_RULE_COUNT; rule++) {
        snas_forbidden sets[SETS] = {0};
        make_problem(&space, (snas_rule)rule, 3, 1000, &q);
        q.budget.term_count = 1;
        q.terms[0].most = 3000;
        q.budget.forbidden = sets;
        for (int n = 0; n < SETS; n++) {
            snas_budget_answer found;
            q.budget.forbidden_count = n;
            const search all = search_all(&q.budget);
            assert_ok(snas_budget_solve(mem, &q.budget, &found));
            assert_true(found.found);
            assert_near(snas_budget_log_p(&found.genotype, q.p), all.best_log_p, 1e-9);
            for (int type = 0; type < 2; type++) {
                const snas_gene gene = found.genotype.nodes[type][1].genes[n % found.genotype.nodes[type][1].count];
                sets[n].edges[type][snas_space_edge_index(&space, gene.source, 1)] = (uint32_t)1 << gene.candidate;
            }
        }
    }
}

static void nothing_is_found_when_all_is_forbidden(void **state)
{
    (void)state;
    static problem q;
    const snas_space space = small_space();
    snas_forbidden set = {0};
    snas_budget_answer found;
    make_problem(&space, SNAS_RULE_EDGE, 3, 1000, &q);
    set.edges[1][0] = 7; /* each of the three candidates */
    q.budget.forbidden = &set;
    q.budget.forbidden_count = 1;
    assert_ok(snas_budget_solve(mem, &q.budget, &found));
    assert_false(found.found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_answer_is_the_best_of_all_architectures),
        cmocka_unit_test(a_loose_budget_leaves_the_rule_its_own_cell),
        cmocka_unit_test(a_budget_that_nothing_meets_is_told_with_the_least_possible),
        cmocka_unit_test(forbidden_architectures_are_passed_over),
        cmocka_unit_test(nothing_is_found_when_all_is_forbidden),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
