/* test_budget_control.c -- the multipliers of search.budget: their gradient, and that they hold costs in their place
 * however strongly a loss pulls. */
#include <math.h>
#include <string.h>

#include "arena_fixture.h"
#include "budget_control.h"
#include "check.h"
#include "snas/arch/estimator.h"
#include "snas/optim/optim.h"

enum { STEPS = 3000, EPOCHS = 15, LOGITS = SNAS_CELL_TYPES_MAX * SNAS_EDGES_MAX * SNAS_CANDIDATES_MAX };

static const double RATE = 0.018; /* 1 / sqrt(STEPS), as src/search/rate_rule.c */

typedef struct {
    snas_search_config settings;
    snas_network_spec child;
    snas_budget_control control;
    snas_logits logits;
    int count;
} fixture;

static snas_status create(fixture *f, const char *space, double parameters, double macs)
{
    *f = (fixture){.settings = {.space = snas_space_find(space), .budget_parameters = parameters, .budget_macs = macs}};
    f->child = (snas_network_spec){
        .space = f->settings.space, .channels = 16, .cells = 8, .classes = 10, .side = 32, .affine = true};
    return snas_budget_control_create(mem, &f->settings, &f->child, &f->control);
}

static void make(fixture *f, const char *space, double parameters, double macs)
{
    assert_ok(create(f, space, parameters, macs));
    const snas_space *s = f->settings.space;
    assert_ok(snas_logits_create(mem, s->cell_types, snas_space_edge_count(s), s->candidate_count, &f->logits));
    snas_logits_init(&f->logits, 1, 1.0, 0.01);
    f->count = f->logits.types * f->logits.edges * f->logits.candidates;
}

/* The priced shares under the logits, with these multipliers. */
static double price(const fixture *f, const double *multipliers)
{
    double p[LOGITS], sum = 0.0;
    snas_logits_probabilities(&f->logits, p);
    for (int b = 0; b < f->control.count; b++) {
        sum += multipliers[b] * search_budget_expected(&f->control, b, p) / (double)f->control.budgets[b].term.most;
    }
    return sum;
}

static void the_gradient_is_that_of_the_priced_costs(void **state)
{
    (void)state;
    static const double STEP = 1e-5;
    fixture f;
    double p[LOGITS], gradient[LOGITS] = {0}, largest = 0.0;
    make(&f, "darts", 250000, 4e7);
    assert_int_equal(f.control.count, 2);
    snas_logits_probabilities(&f.logits, p);
    const double multipliers[] = {search_budget_multiplier(&f.control, 0, p),
                                  search_budget_multiplier(&f.control, 1, p)};
    search_budget_gradient(&f.control, p, gradient);
    for (int i = 0; i < f.count; i++) {
        double side[2];
        for (int s = 0; s < 2; s++) {
            f.logits.log_alpha[i] += s == 0 ? STEP : -2 * STEP;
            side[s] = price(&f, multipliers);
        }
        f.logits.log_alpha[i] += STEP;
        assert_near(gradient[i], (side[0] - side[1]) / (2 * STEP), 1e-8 * multipliers[0]);
        largest = fmax(largest, fabs(gradient[i]));
    }
    assert_true(largest > 1e-4 * multipliers[0]);
}

/* A loss that wants the largest candidates: -pull * sum of p * cost / mean cost, with noise as large, moved by Adam as
 * in a search; `aims`: settling on a cell in the last third. Returns the expected share of the first budget at the
 * end; the largest of the last tenth in *above. */
static double settle(fixture *f, double pull, bool aims, double *above)
{
    double p[LOGITS], gradient[LOGITS], wanted[LOGITS], m[LOGITS] = {0}, v[LOGITS] = {0}, mean = 0.0;
    const snas_adam adam = {.rate = RATE, .beta1 = 0.5, .beta2 = 0.999, .eps = 1e-8, .decay = 1e-3};
    const snas_budget_term *term = &f->control.budgets[0].term;
    snas_rng rng = snas_rng_at(1, SNAS_STREAM_TEST, 0);
    for (int i = 0; i < f->count; i++) {
        mean += (double)term->cost[i] / f->count;
    }
    *above = 0.0;
    for (int t = 1; t <= STEPS; t++) {
        memset(gradient, 0, sizeof gradient);
        snas_logits_probabilities(&f->logits, p);
        for (int i = 0; i < f->count; i++) {
            wanted[i] = -pull * ((double)term->cost[i] / mean + snas_rng_normal(&rng));
        }
        snas_logits_probabilities_grad(&f->logits, wanted, gradient);
        search_budget_gradient(&f->control, p, gradient);
        const snas_adam_vectors vectors = {f->count, f->logits.log_alpha, m, v, gradient};
        snas_adam_step(&adam, t, &vectors, 1.0);
        search_budget_move(&f->control, RATE);
        search_budget_pull(&f->control, p, RATE, f->logits.log_alpha);
        if (aims && t % (STEPS / EPOCHS) == 0 && t < STEPS) {
            snas_logits_probabilities(&f->logits, p);
            assert_ok(search_budget_aim(mem, &f->control, p, search_budget_strength(t / (STEPS / EPOCHS), EPOCHS)));
        }
        if (t > STEPS - STEPS / 10) {
            *above = fmax(*above, f->control.budgets[0].expected / (double)term->most);
        }
    }
    snas_logits_probabilities(&f->logits, p);
    return search_budget_expected(&f->control, 0, p) / (double)term->most;
}

static void costs_settle_below_their_budget_whatever_the_loss_pulls(void **state)
{
    (void)state;
    static const struct {
        const char *space;
        double parameters, pull;
    } CASES[] = {{"darts", 200000, 3e-3},       {"darts", 200000, 0.1},          {"darts", 200000, 10},
                 {"darts", 300000, 0.1},        {"nas-bench-201", 300000, 3e-3}, {"nas-bench-201", 300000, 0.1},
                 {"nas-bench-201", 300000, 10}, {"nas-bench-201", 150000, 0.1}};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        fixture f;
        double above;
        make(&f, CASES[i].space, CASES[i].parameters, 0);
        const snas_controlled *c = &f.control.budgets[0];
        assert_true(c->least < CASES[i].parameters && c->largest > CASES[i].parameters);
        const double share = settle(&f, CASES[i].pull, false, &above);
        if (!(share >= 0.85 && share <= 1.0 && above <= 1.02)) {
            fail_msg("case %zu ends at %.3f of the budget, at most %.3f in the last tenth", i, share, above);
        }
    }
}

static double use(const fixture *f, const snas_genotype *genotype)
{
    const snas_budget_term *term = &f->control.budgets[0].term;
    return (double)snas_budget_cost(genotype, term) / (double)term->most;
}

/* Where costs alone leave an edge between two candidates, the cell within the budget uses little of it. */
static void the_last_third_settles_on_a_cell_that_uses_the_budget(void **state)
{
    (void)state;
    static const struct {
        const char *space;
        double parameters, pull;
    } CASES[] = {{"darts", 200000, 3e-3},
                 {"darts", 300000, 0.1},
                 {"nas-bench-201", 300000, 3e-3},
                 {"nas-bench-201", 300000, 0.1},
                 {"nas-bench-201", 150000, 0.1}};
    int poor = 0;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        for (int aims = 0; aims < 2; aims++) {
            fixture f;
            double above, p[LOGITS], least = 1.0, mean = 0.0;
            snas_genotype within;
            make(&f, CASES[i].space, CASES[i].parameters, 0);
            const double share = settle(&f, CASES[i].pull, aims, &above);
            snas_logits_probabilities(&f.logits, p);
            assert_ok(search_budget_derive(mem, &f.control, p, SNAS_RULE_EDGE, &within));
            for (int e = 0; e < f.count; e += f.logits.candidates) {
                double largest = 0.0;
                for (int k = 0; k < f.logits.candidates; k++) {
                    largest = fmax(largest, p[e + k]);
                }
                least = fmin(least, largest);
                mean += largest / (f.count / f.logits.candidates);
            }
            poor += !aims && use(&f, &within) < 0.85;
            if (aims && !(use(&f, &within) >= 0.85 && share <= 1.0 && share >= 0.85 && least > 0.5 && mean > 0.7)) {
                fail_msg("case %zu: the cell uses %.3f, expected %.3f, edges are decided by %.3f in the mean, %.3f at "
                         "least",
                         i, use(&f, &within), share, mean, least);
            }
        }
    }
    assert_true(poor > 0);
}

static void the_cell_to_settle_on_gives_up_little_likelihood(void **state)
{
    (void)state;
    fixture f;
    double p[LOGITS];
    snas_genotype within, fill;
    make(&f, "nas-bench-201", 300000, 0);
    const int K = f.logits.candidates;
    for (int e = 0; e < f.logits.edges; e++) { /* 1x1 convolutions, skips; the first edge between 3x3 and none */
        f.logits.log_alpha[e * K + (e == 0 ? 3 : e < 3 ? 2 : 1)] += 4.0 - 0.1 * e;
    }
    f.logits.log_alpha[0] += 3.9;
    snas_logits_probabilities(&f.logits, p);
    assert_ok(search_budget_derive(mem, &f.control, p, SNAS_RULE_EDGE, &within));
    assert_ok(search_budget_fill(mem, &f.control, p, &fill));
    assert_true(use(&f, &within) < 0.85);
    assert_true(use(&f, &fill) >= 0.85 && use(&f, &fill) <= 1.0);
    double best = (double)-INFINITY; /* of all cells that use as much, by looking at each */
    for (int code = 0; code < 15625; code++) {
        snas_genotype cell = within;
        int rest = code;
        for (int node = 0; node < 3; node++) {
            for (int g = 0; g <= node; g++, rest /= 5) {
                cell.nodes[0][node].genes[g].candidate = rest % 5;
            }
        }
        if (use(&f, &cell) >= 0.85 && use(&f, &cell) <= 1.0) {
            best = fmax(best, snas_budget_log_p(&cell, p));
        }
    }
    assert_true(snas_budget_log_p(&fill, p) <= best + 1e-9);
    assert_true(snas_budget_log_p(&fill, p) >= best - 1.0); /* a price finds the best but for a gap */
}

/* Where `none` cuts a node off, what reads it or leads to it costs and gives nothing: the budget goes elsewhere. */
static void the_cell_to_settle_on_pays_for_nothing_unused(void **state)
{
    (void)state;
    int wasteful = 0;
    for (int seed = 0; seed < 60; seed++) {
        fixture f;
        double p[LOGITS];
        snas_genotype cells[2]; /* the likeliest, the one to settle on */
        bool used[LOGITS];
        snas_rng rng = snas_rng_at((uint64_t)seed, SNAS_STREAM_TEST, 0);
        make(&f, "nas-bench-201", 300000 + 5000 * seed, 0);
        const int K = f.logits.candidates;
        for (int i = 0; i < f.count; i++) {
            f.logits.log_alpha[i] = 4.0 * snas_rng_uniform(&rng) + (i % K == 0 ? 2.0 : 0.0);
        }
        snas_logits_probabilities(&f.logits, p);
        assert_ok(search_budget_derive(mem, &f.control, p, SNAS_RULE_EDGE, &cells[0]));
        assert_ok(search_budget_fill(mem, &f.control, p, &cells[1]));
        assert_true(use(&f, &cells[1]) >= 0.85 && use(&f, &cells[1]) <= 1.0);
        for (int c = 0; c < 2; c++) {
            snas_genotype_used(&cells[c], used);
            for (int e = 0; e < f.logits.edges; e++) {
                int source, node;
                snas_space_edge(f.settings.space, e, &source, &node);
                const int k = cells[c].nodes[0][node].genes[source].candidate;
                const bool waste = !used[e] && f.control.budgets[0].term.cost[e * K + k] > 0;
                wasteful += c == 0 && waste;
                assert_false(c == 1 && waste);
            }
        }
    }
    assert_true(wasteful > 0);
}

static void a_cell_that_no_price_can_fill_is_the_likeliest(void **state)
{
    (void)state;
    fixture f;
    double p[LOGITS];
    snas_genotype within, fill;
    make(&f, "nas-bench-201", 5e6, 0); /* all cells are far below */
    snas_logits_probabilities(&f.logits, p);
    assert_ok(search_budget_derive(mem, &f.control, p, SNAS_RULE_EDGE, &within));
    assert_ok(search_budget_fill(mem, &f.control, p, &fill));
    assert_true(use(&f, &fill) == use(&f, &within));
    assert_true(search_budget_strength(3, 5) == 0 && search_budget_strength(4, 5) == 8);
    assert_true(search_budget_strength(4, 6) == 1 && search_budget_strength(5, 6) == 8);
    for (int epochs = 1; epochs < 3; epochs++) { /* too few for a third; asked after the last one too */
        assert_true(search_budget_strength(epochs - 1, epochs) == 0 && search_budget_strength(epochs, epochs) == 0);
    }
}

static void the_cell_is_the_likeliest_within_the_budgets(void **state)
{
    (void)state;
    fixture f;
    double p[LOGITS];
    snas_genotype within;
    make(&f, "nas-bench-201", 300000, 0);
    for (int e = 0; e < f.logits.edges; e++) {
        f.logits.log_alpha[e * f.logits.candidates + 3] += 2.0; /* 3x3 convolutions: too many parameters */
    }
    snas_logits_probabilities(&f.logits, p);
    const snas_genotype free_choice = snas_genotype_derive(f.settings.space, p, SNAS_RULE_EDGE);
    assert_ok(search_budget_derive(mem, &f.control, p, SNAS_RULE_EDGE, &within));
    assert_true(snas_budget_cost(&free_choice, &f.control.budgets[0].term) > 300000);
    assert_true(snas_budget_cost(&within, &f.control.budgets[0].term) <= 300000);
}

static void a_budget_that_no_cell_meets_is_refused(void **state)
{
    (void)state;
    fixture f;
    assert_int_equal(create(&f, "nas-bench-201", 1000, 0), SNAS_E_USAGE);
    assert_non_null(strstr(snas_error(), "parameters"));
    snas_error_clear();
}

static void without_budgets_there_is_nothing(void **state)
{
    (void)state;
    fixture f;
    assert_ok(create(&f, "darts", 0, (double)NAN));
    assert_int_equal(f.control.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gradient_is_that_of_the_priced_costs),
        cmocka_unit_test(costs_settle_below_their_budget_whatever_the_loss_pulls),
        cmocka_unit_test(the_last_third_settles_on_a_cell_that_uses_the_budget),
        cmocka_unit_test(the_cell_to_settle_on_gives_up_little_likelihood),
        cmocka_unit_test(the_cell_to_settle_on_pays_for_nothing_unused),
        cmocka_unit_test(a_cell_that_no_price_can_fill_is_the_likeliest),
        cmocka_unit_test(the_cell_is_the_likeliest_within_the_budgets),
        cmocka_unit_test(a_budget_that_no_cell_meets_is_refused),
        cmocka_unit_test(without_budgets_there_is_nothing),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
