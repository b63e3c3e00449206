/* test_layout.c -- the layout of a cell: no label lies on another's arrow, on a label or on a state, and no
 * arrow runs through a foreign state. Arrows are walked finely, by their own equation.
 */
#include "arena_fixture.h"
#include "cell_layout.h"
#include "check.h"
#include "pen.h"
#include "snas/base/rng.h"

enum { ENTRIES_MAX = SNAS_CELL_TYPES_MAX * SNAS_EDGES_MAX * SNAS_CANDIDATES_MAX, WALK = 400, GENES = 4 };

/* A layout depends on how wide text is, so on the pen. */
static report_width_of *const WIDTHS[] = {report_text_width, NULL};

static report_width_of *width_of(int pen)
{
    return WIDTHS[pen] != NULL ? WIDTHS[pen] : report_svg.text_width;
}

static bool holds(report_box box, report_point p)
{
    return p.x > box.x && p.x < box.x + box.w && p.y > box.y && p.y < box.y + box.h;
}

static bool within(report_box box, const report_cell_layout *layout)
{
    return box.x >= 0 && box.y >= layout->top && box.x + box.w <= layout->width && box.y + box.h <= layout->height;
}

static report_point arrow_at(const report_arrow *arrow, double t)
{
    const report_point *c = arrow->control;
    const double s = 1 - t;
    return (report_point){
        .x = s * s * (s * c[0].x + 3 * t * c[1].x) + t * t * (3 * s * c[2].x + t * c[3].x),
        .y = s * s * (s * c[0].y + 3 * t * c[1].y) + t * t * (3 * s * c[2].y + t * c[3].y),
    };
}

static bool runs_through(const report_arrow *arrow, report_box box)
{
    for (int i = 0; i <= WALK; i++) {
        if (holds(box, arrow_at(arrow, (double)i / WALK))) {
            return true;
        }
    }
    return false;
}

static void assert_nothing_meets(const report_cell_layout *layout)
{
    for (int a = 0; a < layout->operations; a++) {
        const report_box label = layout->arrow[a].label;
        const report_point middle = {.x = label.x + label.w / 2, .y = label.y + label.h / 2};
        bool on_its_own = false;
        assert_true(label.w > 20 && within(label, layout));
        for (int s = 0; s < layout->states; s++) {
            assert_true(report_overlap(label, layout->state[s]) <= 0);
        }
        for (int b = 0; b < layout->arrows; b++) {
            assert_true(b == a || !runs_through(&layout->arrow[b], label));
            assert_true(b == a || b >= layout->operations || report_overlap(label, layout->arrow[b].label) <= 0);
        }
        for (int i = 0; i <= WALK && !on_its_own; i++) {
            const report_point p = arrow_at(&layout->arrow[a], (double)i / WALK);
            on_its_own = (p.x - middle.x) * (p.x - middle.x) + (p.y - middle.y) * (p.y - middle.y) < 9;
        }
        assert_true(on_its_own);
    }
    for (int s = 0; s < layout->states; s++) {
        assert_true(within(layout->state[s], layout));
        for (int a = 0; a < layout->arrows; a++) {
            const bool own = s == layout->arrow[a].from || s == layout->arrow[a].to;
            assert_true(own || !runs_through(&layout->arrow[a], layout->state[s]));
        }
    }
}

static void assert_all_laid_out(const snas_genotype *genotype, int type, report_cell_layout *layout)
{
    for (int pen = 0; pen < 2; pen++) {
        report_cell_layout_make(genotype, type, width_of(pen), layout);
        assert_nothing_meets(layout);
    }
}

static void no_label_of_a_known_architecture_lies_on_anything(void **state)
{
    (void)state;
    report_cell_layout *layout = snas_arena_take(mem, 1, sizeof *layout);
    for (const snas_known_genotype *known = snas_known_genotypes; known->name != NULL; known++) {
        snas_genotype genotype;
        assert_ok(snas_genotype_load(mem, known->name, &genotype));
        for (int type = 0; type < genotype.space->cell_types; type++) {
            assert_all_laid_out(&genotype, type, layout);
            assert_int_equal(layout->operations, 8);
            assert_int_equal(layout->arrows, 12);
        }
    }
}

static snas_genotype derived_genotype(const snas_space *space, uint64_t seed, snas_rule rule)
{
    double p[ENTRIES_MAX];
    snas_rng rng = snas_rng_at(seed, SNAS_STREAM_TEST, 0);
    for (int i = 0; i < ENTRIES_MAX; i++) {
        p[i] = snas_rng_uniform(&rng);
    }
    return snas_genotype_derive(space, p, rule);
}

static void no_label_of_a_derived_architecture_lies_on_anything(void **state)
{
    (void)state;
    report_cell_layout *layout = snas_arena_take(mem, 1, sizeof *layout);
    for (int s = 0; snas_spaces[s] != NULL; s++) {
        for (int rule = 0; rule < SNAS_RULE_COUNT; rule++) {
            for (uint64_t seed = 0; seed < (rule == SNAS_RULE_EDGE ? 2 : 12); seed++) {
                const snas_genotype genotype = derived_genotype(snas_spaces[s], seed, (snas_rule)rule);
                assert_all_laid_out(&genotype, 0, layout);
            }
        }
    }
}

/* A file may say anything: nodes without an operation, several from one source. */
static void no_label_of_any_architecture_lies_on_anything(void **state)
{
    (void)state;
    report_cell_layout *layout = snas_arena_take(mem, 1, sizeof *layout);
    for (int s = 0; snas_spaces[s] != NULL; s++) {
        for (uint64_t seed = 0; seed < 12; seed++) {
            snas_genotype genotype = {.space = snas_spaces[s]};
            snas_rng rng = snas_rng_at(seed, SNAS_STREAM_TEST, 1);
            for (int node = 0; node < genotype.space->nodes; node++) {
                snas_genes *genes = &genotype.nodes[0][node];
                genes->count = (int)((GENES + 1) * snas_rng_uniform(&rng));
                for (int g = 0; g < genes->count; g++) {
                    genes->genes[g].candidate = (int)(genotype.space->candidate_count * snas_rng_uniform(&rng));
                    genes->genes[g].source = (int)((genotype.space->inputs + node) * snas_rng_uniform(&rng));
                }
            }
            assert_all_laid_out(&genotype, 0, layout);
        }
    }
}

static void every_arrow_starts_and_ends_at_its_states(void **state)
{
    (void)state;
    report_cell_layout *layout = snas_arena_take(mem, 1, sizeof *layout);
    const snas_genotype genotype = derived_genotype(snas_space_find("darts"), 1, SNAS_RULE_EDGE);
    report_cell_layout_make(&genotype, 0, report_text_width, layout);
    assert_int_equal(layout->operations, 14);
    for (int a = 0; a < layout->arrows; a++) {
        const report_arrow *arrow = &layout->arrow[a];
        const report_box from = layout->state[arrow->from], to = layout->state[arrow->to];
        const report_point first = arrow_at(arrow, 0), last = arrow_at(arrow, 1);
        assert_near(first.x, from.x + from.w, 1e-9);
        assert_near(last.x, to.x, 1e-9);
        assert_true(first.y > from.y && first.y < from.y + from.h);
        assert_true(last.y > to.y && last.y < to.y + to.h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_label_of_a_known_architecture_lies_on_anything),
        cmocka_unit_test(no_label_of_a_derived_architecture_lies_on_anything),
        cmocka_unit_test(no_label_of_any_architecture_lies_on_anything),
        cmocka_unit_test(every_arrow_starts_and_ends_at_its_states),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
