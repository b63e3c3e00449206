/* test_child_costs.c -- what each choice adds to a child adds up to the child, to the last weight. */
#include "snas/model/child_costs.h"

#include "arena_fixture.h"
#include "check.h"
#include "snas/base/rng.h"

enum { ENTRIES = SNAS_CELL_TYPES_MAX * SNAS_EDGES_MAX * SNAS_CANDIDATES_MAX };

static const struct {
    int channels, cells, classes, side;
    snas_stem stem;
} SIZES[] = {
    {16, 8, 10, 32, SNAS_STEM_CIFAR}, {36, 20, 100, 32, SNAS_STEM_CIFAR}, {48, 14, 1000, 224, SNAS_STEM_IMAGENET}};
static int exact_sums; /* of flash, that were looked at */
enum { SIZE_COUNT = sizeof SIZES / sizeof SIZES[0] };

static snas_network_spec spec_of(const snas_genotype *genotype, int size)
{
    return (snas_network_spec){.space = genotype->space,
                               .genotype = genotype,
                               .channels = SIZES[size].channels,
                               .cells = SIZES[size].cells,
                               .classes = SIZES[size].classes,
                               .side = SIZES[size].side,
                               .affine = true,
                               .stem = SIZES[size].stem};
}

static snas_count sum_of(const snas_child_costs *costs, const snas_genotype *genotype)
{
    const int E = snas_space_edge_count(genotype->space), K = genotype->space->candidate_count;
    snas_count sum = costs->fixed;
    for (int type = 0; type < genotype->space->cell_types; type++) {
        for (int node = 0; node < genotype->space->nodes; node++) {
            const snas_genes *genes = &genotype->nodes[type][node];
            for (int g = 0; g < genes->count; g++) {
                const int e = snas_space_edge_index(genotype->space, genes->genes[g].source, node);
                const snas_count *count = &costs->candidate[(type * E + e) * K + genes->genes[g].candidate];
                sum.parameters += count->parameters;
                sum.macs += count->macs;
            }
        }
    }
    return sum;
}

/* A genotype's flash by the sum; *exact: no node is without an operation, and every state of a cell is read by one. */
static int64_t flash_of(const snas_child_costs *costs, const snas_genotype *genotype, bool *exact)
{
    const snas_space *space = genotype->space;
    const int E = snas_space_edge_count(space), K = space->candidate_count;
    int64_t sum = costs->flash_fixed;
    *exact = true;
    for (int type = 0; type < space->cell_types; type++) {
        bool read[SNAS_INPUTS_MAX + SNAS_NODES_MAX] = {false};
        for (int node = 0; node < space->nodes; node++) {
            const snas_genes *genes = &genotype->nodes[type][node];
            int operations = 0;
            for (int g = 0; g < genes->count; g++) {
                const snas_gene gene = genes->genes[g];
                const bool zero = space->candidates[gene.candidate]->is_zero;
                const int e = snas_space_edge_index(space, gene.source, node);
                sum += costs->flash[(type * E + e) * K + gene.candidate];
                read[gene.source] = read[gene.source] || !zero;
                operations += !zero;
            }
            *exact = *exact && operations > 0;
        }
        for (int state = 0; state < space->inputs + space->nodes; state++) {
            const bool leaves = state >= space->inputs && (space->concat || state == space->inputs + space->nodes - 1);
            *exact = *exact && (read[state] || leaves);
        }
    }
    return sum;
}

static void assert_flash_adds_up(const snas_child_costs *costs, const snas_network_spec *spec)
{
    bool exact;
    snas_child_in_c in_c;
    const int64_t sum = flash_of(costs, spec->genotype, &exact);
    assert_ok(snas_child_c_costs(mem, spec, &in_c));
    assert_true(exact ? in_c.flash == sum : in_c.flash <= sum);
    assert_true(in_c.bound.live <= in_c.bound.planned && in_c.ram <= in_c.bound.planned);
    assert_true(!exact || in_c.ram == in_c.bound.planned);
    exact_sums += exact;
}

static void assert_adds_up(snas_genotype *genotype)
{
    genotype->pool_bn = true;
    for (int size = 0; size < SIZE_COUNT; size++) {
        const snas_network_spec spec = spec_of(genotype, size);
        const snas_mark before = snas_arena_mark(mem);
        snas_child_costs costs;
        snas_count child;
        assert_ok(snas_child_costs_count(mem, &spec, &costs));
        assert_ok(snas_network_count(mem, &spec, &child, NULL));
        const snas_count sum = sum_of(&costs, genotype);
        assert_int_equal(sum.parameters, child.parameters);
        assert_int_equal(sum.macs, child.macs);
        assert_flash_adds_up(&costs, &spec);
        snas_arena_release(mem, before);
    }
}

static void the_choices_of_every_built_in_architecture_add_up_to_its_child(void **state)
{
    (void)state;
    int count = 0;
    for (const snas_known_genotype *known = snas_known_genotypes; known->name != NULL; known++, count++) {
        snas_genotype genotype;
        assert_ok(snas_genotype_load(mem, known->name, &genotype));
        assert_adds_up(&genotype);
    }
    assert_true(count >= 5 && exact_sums >= 2 * SIZE_COUNT);
}

static void random_genotype(const snas_space *space, snas_rule rule, uint64_t seed, snas_genotype *out)
{
    double p[ENTRIES];
    snas_rng rng = snas_rng_at(seed, SNAS_STREAM_TEST, 0);
    for (int i = 0; i < ENTRIES; i++) {
        p[i] = snas_rng_uniform(&rng);
    }
    *out = snas_genotype_derive(space, p, rule);
}

static void the_choices_of_random_architectures_add_up_to_their_children(void **state)
{
    (void)state;
    exact_sums = 0;
    for (int s = 0; snas_spaces[s] != NULL; s++) {
        for (uint64_t seed = 0; seed < 6; seed++) {
            snas_genotype genotype;
            random_genotype(snas_spaces[s], (snas_rule)(seed % SNAS_RULE_COUNT), seed, &genotype);
            assert_adds_up(&genotype);
        }
        assert_true(exact_sums >= 2 * SIZE_COUNT);
        exact_sums = 0;
    }
}

/* A thread more holds one picture more, and its own scratch. */
static void the_peak_is_what_an_evaluating_thread_holds(void **state)
{
    (void)state;
    const snas_network_options how = {
        .batch = 2, .shards = 2, .kernels = "baseline", .norm_momentum = 0.1, .norm_eps = 1e-5};
    for (int s = 0; snas_spaces[s] != NULL; s++) {
        snas_genotype genotype;
        size_t ignored, one, two;
        snas_peak peak;
        random_genotype(snas_spaces[s], SNAS_RULE_EDGE, 4, &genotype);
        const snas_network_spec spec = spec_of(&genotype, 0);
        const snas_team alone = {.threads = 1}, pair = {.threads = 2};
        assert_ok(snas_child_peak(mem, &spec, &peak));
        assert_ok(snas_network_plan(mem, &alone, &spec, &how, &ignored, &one));
        assert_ok(snas_network_plan(mem, &pair, &spec, &how, &ignored, &two));
        assert_true(peak.live > 0 && peak.live <= peak.planned);
        assert_true((int64_t)(two - one) >= peak.planned);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_choices_of_every_built_in_architecture_add_up_to_its_child),
        cmocka_unit_test(the_choices_of_random_architectures_add_up_to_their_children),
        cmocka_unit_test(the_peak_is_what_an_evaluating_thread_holds),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
