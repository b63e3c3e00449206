/* test_picture.c -- pictures: nothing that is read overlaps, shapes are where they should be, files are pictures. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena_fixture.h"
#include "canvas.h"
#include "check.h"
#include "snas/base/rng.h"
#include "snas/report/drawing.h"

enum { ENTRIES_MAX = SNAS_CELL_TYPES_MAX * SNAS_EDGES_MAX * SNAS_CANDIDATES_MAX };

static snas_genotype random_genotype(const snas_space *space, uint64_t seed, snas_rule rule)
{
    double p[ENTRIES_MAX];
    snas_rng rng = snas_rng_at(seed, SNAS_STREAM_TEST, 0);
    for (int i = 0; i < ENTRIES_MAX; i++) {
        p[i] = snas_rng_uniform(&rng);
    }
    return snas_genotype_derive(space, p, rule);
}

static int pixel(const snas_raster *picture, int x, int y)
{
    return picture->rgb[(y * picture->width + x) * 3];
}

static void shapes_cover_what_they_should(void **state)
{
    (void)state;
    snas_raster picture;
    const report_color black = {0, 0, 0}, red = {255, 0, 0};
    assert_ok(snas_raster_create(mem, 40, 20, &picture));
    report_line(&picture, (report_point){.x = 5, .y = 5}, (report_point){.x = 15, .y = 5}, 2, black);
    assert_int_equal(pixel(&picture, 10, 4), 0);
    assert_int_equal(pixel(&picture, 10, 5), 0);
    assert_int_equal(pixel(&picture, 10, 7), 255);
    assert_int_equal(pixel(&picture, 18, 5), 255);
    report_round_box(&picture, (report_box){.x = 20, .y = 2, .w = 10, .h = 10}, 4, red, 0, black);
    assert_int_equal(picture.rgb[(7 * 40 + 25) * 3 + 1], 0);
    assert_int_equal(picture.rgb[(2 * 40 + 20) * 3 + 1], 255); /* the corner is round */
    /* outside the picture nothing is touched, and nothing breaks */
    report_line(&picture, (report_point){.x = -50, .y = -9}, (report_point){.x = 90, .y = -9}, 2, black);
    report_text(&picture, (report_point){.x = 30, .y = 19}, 2, black, "beyond \x80");
    for (int x = 0; x < 40; x++) {
        assert_int_equal(pixel(&picture, x, 0), 255);
    }
}

static void every_printable_name_has_letters(void **state)
{
    (void)state;
    /* two different letters never look alike: render each and compare */
    static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.,:+=()[]/%<>";
    enum { SIDE = 24, BYTES = SIDE * SIDE * 3 };
    uint8_t *seen = snas_arena_take(mem, sizeof LETTERS, BYTES);
    for (size_t i = 0; LETTERS[i] != 0; i++) {
        const char text[2] = {LETTERS[i], 0};
        snas_raster picture;
        assert_ok(snas_raster_create(mem, SIDE, SIDE, &picture));
        report_text(&picture, (report_point){.x = 4, .y = 10}, 2, (report_color){0}, text);
        memcpy(seen + i * BYTES, picture.rgb, BYTES);
        for (size_t other = 0; other < i; other++) {
            assert_memory_not_equal(seen + i * BYTES, seen + other * BYTES, BYTES);
        }
    }
    assert_near(report_text_width("", 2), 0, 0);
    assert_true(report_text_width("mm", 2) > report_text_width("ii", 2));
}

/* Fraction of pixels that are not white. */
static double ink(const snas_raster *picture)
{
    const size_t count = (size_t)picture->width * (size_t)picture->height;
    size_t dark = 0;
    for (size_t i = 0; i < count; i++) {
        dark += picture->rgb[3 * i] < 250 || picture->rgb[3 * i + 1] < 250 || picture->rgb[3 * i + 2] < 250;
    }
    return (double)dark / (double)count;
}

static void pictures_are_written_and_give_their_memory_back(void **state)
{
    (void)state;
    const char *folder = getenv("SNAS_TEST_PICTURES"); /* set it to keep the pictures and look at them */
    char path[512];
    snprintf(path, sizeof path, "%s/picture-%ld.png", folder != NULL ? folder : "/tmp", (long)getpid());
    for (int s = 0; snas_spaces[s] != NULL; s++) {
        double p[ENTRIES_MAX];
        for (int i = 0; i < ENTRIES_MAX; i++) {
            p[i] = 1.0 / snas_spaces[s]->candidate_count;
        }
        const snas_genotype genotype = random_genotype(snas_spaces[s], 1, SNAS_RULE_EDGE);
        for (int kind = 0; kind < 2; kind++) {
            const snas_cell_view view = {.genotype = &genotype};
            const snas_heat_table table = {.space = snas_spaces[s], .probabilities = p};
            const size_t used = snas_arena_used(mem);
            assert_ok(snas_drawing_save(mem, kind == 0 ? snas_cell_drawing(&view) : snas_heat_map(&table), path));
            assert_int_equal(snas_arena_used(mem), used);
            snas_raster picture;
            assert_ok(snas_png_load(mem, path, &picture));
            assert_true(picture.width > 400 && picture.height > 200);
            assert_true(ink(&picture) > (kind == 0 ? 0.02 : 0.3)); /* a heat map is mostly cells */
        }
    }
    assert_ok(snas_file_remove(path));
    const snas_genotype genotype = random_genotype(snas_spaces[0], 1, SNAS_RULE_EDGE);
    const snas_cell_view view = {.genotype = &genotype};
    assert_fails(snas_drawing_save(mem, snas_cell_drawing(&view), "missing-folder/cell.png"), SNAS_E_IO,
                 "missing-folder/cell.png");
}

static const char *svg_of(snas_drawing drawing)
{
    snas_text text = snas_text_make(mem);
    assert_ok(snas_drawing_svg(drawing, &text));
    return text.data;
}

static void the_scale_of_colours_spans_what_it_shows(void **state)
{
    (void)state;
    const snas_space *space = snas_space_find("nas-bench-201");
    double p[ENTRIES_MAX];
    const snas_heat_table table = {.space = space, .probabilities = p};
    for (int i = 0; i < ENTRIES_MAX; i++) {
        p[i] = i == 3 ? 0.62 : i == 7 ? 0.05 : 0.2;
    }
    assert_non_null(strstr(svg_of(snas_heat_map(&table)), ">colours from 5.0 to 62.0%</text>"));
    for (int i = 0; i < ENTRIES_MAX; i++) { /* nothing to tell apart: not blown up */
        p[i] = 0.2;
    }
    assert_non_null(strstr(svg_of(snas_heat_map(&table)), ">colours from 19.75 to 20.25%</text>"));
}

static void the_scale_of_correlations_is_even_about_zero(void **state)
{
    (void)state;
    const snas_space *space = snas_space_find("nas-bench-201");
    static const char *const NAMES[] = {"snas", "reinforce"};
    double r[2 * SNAS_EDGES_MAX] = {0.1, -0.31, (double)NAN, 0.2};
    const snas_credit_table table = {.space = space, .methods = 2, .names = NAMES, .correlations = r};
    const char *text = svg_of(snas_credit_map(&table));
    assert_non_null(strstr(text, ">colours from -0.40 to 0.40</text>"));
    assert_non_null(strstr(text, "<title>edge 0 to 2, snas: no number</title>"));
    assert_null(strstr(text, "nan"));
}

static void an_element_of_a_page_has_no_style_and_ids_of_its_own(void **state)
{
    (void)state;
    double p[ENTRIES_MAX] = {0.5};
    const snas_heat_table table = {.space = snas_spaces[0], .probabilities = p};
    snas_text page = snas_text_make(mem);
    assert_ok(snas_drawing_inline(snas_heat_map(&table), "one-", &page));
    assert_ok(snas_drawing_inline(snas_heat_map(&table), "two-", &page));
    assert_int_equal(strncmp(page.data, "<svg ", 5), 0);
    assert_null(strstr(page.data, "<?xml"));
    assert_null(strstr(page.data, "<style"));
    assert_non_null(strstr(page.data, "id=\"one-ramp0\""));
    assert_non_null(strstr(page.data, "fill=\"url(#two-ramp0)\""));
    const char *file = svg_of(snas_heat_map(&table));
    assert_int_equal(strncmp(file, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg ", 44), 0);
    assert_non_null(strstr(file, "<style>"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_cover_what_they_should),
        cmocka_unit_test(every_printable_name_has_letters),
        cmocka_unit_test(pictures_are_written_and_give_their_memory_back),
        cmocka_unit_test(the_scale_of_colours_spans_what_it_shows),
        cmocka_unit_test(the_scale_of_correlations_is_even_about_zero),
        cmocka_unit_test(an_element_of_a_page_has_no_style_and_ids_of_its_own),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
