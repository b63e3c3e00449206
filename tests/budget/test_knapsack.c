/* test_knapsack.c -- instances that are hard for a knapsack, of the size of the search spaces: solved within a second.
 *
 * Loss that falls as cost rises, but for a little noise, is the hardest kind: every option is worth its price.
 */
#include "knapsack.h"

#include <math.h>
#include <time.h>

#include "check.h"
#include "snas/base/rng.h"

enum { GROUPS = 28, OPTIONS = 8, PAIR_GROUPS = 8, PAIR_OPTIONS = 490 };

/* Nats of noise; NAN: losses that costs say nothing of. */
typedef struct {
    int groups, options, costs;
    double noise;
    uint64_t seed;
} instance;

static knapsack_option options[KNAPSACK_GROUPS][PAIR_OPTIONS];

static void make(const instance *of, knapsack *k)
{
    snas_rng rng = snas_rng_at(of->seed, SNAS_STREAM_TEST, 0);
    *k = (knapsack){.group_count = of->groups, .cost_count = of->costs};
    for (int g = 0; g < of->groups; g++) {
        int64_t least[SNAS_BUDGETS_MAX] = {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX};
        int own = 0;
        for (int j = 0; j < of->options; j++) {
            knapsack_option *o = &options[g][j];
            double sum = 0;
            *o = (knapsack_option){0};
            for (int i = 0; i < of->costs; i++) {
                const double cost = snas_rng_uniform(&rng);
                o->cost[i] = (int64_t)(cost * 1e6);
                least[i] = o->cost[i] < least[i] ? o->cost[i] : least[i];
                sum += cost / of->costs;
            }
            const double nats =
                isnan(of->noise) ? 3 * snas_rng_uniform(&rng) : 3 * (1 - sum) + of->noise * snas_rng_uniform(&rng);
            o->loss = (int64_t)ldexp(nats, 36);
            own = o->loss < options[g][own].loss ? j : own;
        }
        for (int i = 0; i < of->costs; i++) {
            k->most[i] += least[i] + (options[g][own].cost[i] - least[i]) / 2;
        }
        k->groups[g] = (knapsack_group){.options = options[g], .count = of->options};
    }
}

static void solves(int groups, int count, int costs, double noise)
{
    for (uint64_t seed = 0; seed < 5; seed++) {
        const instance of = {.groups = groups, .options = count, .costs = costs, .noise = noise, .seed = seed};
        knapsack k;
        knapsack_answer answer;
        make(&of, &k);
        const clock_t begun = clock();
        assert_ok(knapsack_solve(&k, &answer));
        const double seconds = (double)(clock() - begun) / CLOCKS_PER_SEC;
        assert_true(answer.states < 1000000);
        assert_true(SANITIZED || seconds < 1);
        for (int i = 0; i < costs && answer.found; i++) {
            assert_true(answer.cost[i] <= k.most[i]);
        }
    }
}

static void hard_instances_are_solved_within_a_second(void **state)
{
    (void)state;
    static const double NOISE[] = {(double)NAN, 1, 0.1};
    for (int costs = 1; costs <= 2; costs++) {
        for (size_t n = 0; n < sizeof NOISE / sizeof NOISE[0]; n++) {
            solves(GROUPS, OPTIONS, costs, NOISE[n]);
            solves(6, 5, costs, NOISE[n]);
        }
        solves(PAIR_GROUPS, PAIR_OPTIONS, costs, (double)NAN);
    }
}

/* Three groups of two: the best is not the one that rounding down the linear program finds. */
static void the_answer_is_exact_where_greed_fails(void **state)
{
    (void)state;
    knapsack k = {.group_count = 3, .cost_count = 1, .most = {50}};
    static knapsack_option items[3][2] = {{{.loss = 0, .cost = {10}}, {.loss = 60, .cost = {0}}},
                                          {{.loss = 0, .cost = {20}}, {.loss = 100, .cost = {0}}},
                                          {{.loss = 0, .cost = {30}}, {.loss = 120, .cost = {0}}}};
    knapsack_answer answer;
    for (int g = 0; g < 3; g++) {
        k.groups[g] = (knapsack_group){.options = items[g], .count = 2};
    }
    assert_ok(knapsack_solve(&k, &answer));
    assert_true(answer.found);
    assert_int_equal(answer.loss, 60);
    assert_int_equal(answer.cost[0], 50);
    k.most[0] = -1;
    assert_ok(knapsack_solve(&k, &answer));
    assert_false(answer.found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hard_instances_are_solved_within_a_second),
        cmocka_unit_test(the_answer_is_exact_where_greed_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
