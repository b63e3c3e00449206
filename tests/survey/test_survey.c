/* test_survey.c -- a data set looked through: its faults and oddities, and the figures of its pixels and classes. */
#include "snas/survey/survey.h"

#include <math.h>

#include "parts_of_a_set.h"

static void a_sound_set_has_no_fault_and_no_note(void **state)
{
    (void)state;
    snas_checked checked;
    const snas_config config = config_of();
    assert_ok(snas_data_check(mem, &config, (snas_team){.threads = 3}, &checked));
    assert_int_equal(checked.faults.count, 0);
    assert_int_equal(checked.notes.count, 0);
    assert_int_equal(checked.train, TRAIN);
    assert_int_equal(checked.test, TEST);
    assert_int_equal(checked.classes, CLASSES);
    assert_string_equal(checked.source, "made here");
}

static void assert_told(const snas_sentences *all, const char *part)
{
    for (int i = 0; i < all->count; i++) {
        if (strstr(all->items[i], part) != NULL) {
            return;
        }
    }
    fail_msg("nothing of %d sentences says '%s'", all->count, part);
}

static void every_picture_that_cannot_be_read_is_a_fault_in_order(void **state)
{
    (void)state;
    snas_checked checked;
    const snas_config config = config_of();
    made.unreadable[3] = made.unreadable[TRAIN - 1] = true;
    for (int threads = 1; threads <= 4; threads++) {
        assert_ok(snas_data_check(mem, &config, (snas_team){.threads = threads}, &checked));
        assert_int_equal(checked.faults.count, 2);
        assert_string_equal(checked.faults.items[0], "picture 3 is broken");
        assert_string_equal(checked.faults.items[1], "picture 39 is broken");
        snas_data_statistics measured;
        assert_fails(snas_data_measure(mem, &config, (snas_team){.threads = threads}, &measured), SNAS_E_DATA,
                     "picture 3 is broken");
    }
}

static void copies_flat_pictures_and_empty_classes_are_notes(void **state)
{
    (void)state;
    snas_checked checked;
    const snas_config config = config_of();
    copy_picture(4, 30);        /* another label */
    copy_picture(7, TRAIN + 2); /* the second test picture that leaks */
    copy_picture(9, TRAIN + 1); /* the first */
    paint_picture(12, 0);       /* two flat ones that differ */
    paint_picture(TRAIN + 5, 255);
    made.labels[1] = 2; /* class 1 keeps others */
    for (int i = TRAIN; i < TRAIN + TEST; i++) {
        made.labels[i] = made.labels[i] == 3 ? 0 : made.labels[i];
    }
    assert_ok(snas_data_check(mem, &config, (snas_team){.threads = 2}, &checked));
    assert_int_equal(checked.faults.count, 0);
    assert_told(&checked.notes,
                "1 picture is the same as another one of the same part, the first is training picture 30 "
                "(from 0), which is training picture 4 (from 0)");
    assert_told(&checked.notes, "2 test pictures are among the training pictures too, the first is "
                                "test picture 1 (from 0), which is training picture 9 (from 0)");
    assert_told(&checked.notes, "of these equal pictures have another label, the first is training picture 30");
    assert_told(&checked.notes, "2 pictures are of one colour only, the first is training picture 12 (from 0)");
    assert_told(&checked.notes, "1 of 4 classes has no test picture, the first is 'three'");
    assert_int_equal(checked.notes.count, 5);
}

static void what_cannot_be_opened_is_one_fault(void **state)
{
    (void)state;
    snas_checked checked;
    const snas_config config = config_of();
    made.open_status = SNAS_E_DATA;
    assert_ok(snas_data_check(mem, &config, (snas_team){.threads = 1}, &checked));
    assert_int_equal(checked.faults.count, 1);
    assert_string_equal(checked.faults.items[0], "it does not open");
    assert_null(checked.source);
    made.open_status = SNAS_E_USAGE; /* a fault of who asks is none of the data */
    assert_fails(snas_data_check(mem, &config, (snas_team){.threads = 1}, &checked), SNAS_E_USAGE, "it does not open");
}

static void figures_are_those_of_a_plain_sum(void **state)
{
    (void)state;
    double mean[3] = {0}, deviation[3] = {0};
    int64_t n = 0;
    const snas_config config = config_of();
    for (int pass = 0; pass < 2; pass++) {
        n = 0;
        for (int i = 0; i < TRAIN; i++) {
            const int pixels = height_of(i) * width_of(i);
            n += pixels;
            for (int p = 0; p < pixels; p++) {
                for (int c = 0; c < 3; c++) {
                    const double x = made.pixels[i][3 * p + c] / 255.0;
                    *(pass == 0 ? &mean[c] : &deviation[c]) += pass == 0 ? x : (x - mean[c]) * (x - mean[c]);
                }
            }
        }
        for (int c = 0; c < 3; c++) {
            *(pass == 0 ? &mean[c] : &deviation[c]) /= (double)n;
        }
    }
    for (int threads = 1; threads <= 5; threads++) {
        snas_data_statistics m;
        assert_ok(snas_data_measure(mem, &config, (snas_team){.threads = threads}, &m));
        for (int c = 0; c < 3; c++) {
            assert_near(m.mean[c], mean[c], 1e-13);
            assert_near(m.deviation[c], sqrt(deviation[c]), 1e-13);
        }
        assert_int_equal(m.height[0], 1);
        assert_int_equal(m.height[1], SIDE_MOST);
        assert_int_equal(m.width[0], 2);
        assert_int_equal(m.width[1], SIDE_MOST);
        for (int k = 0; k < CLASSES; k++) {
            assert_int_equal(m.class_train[k], TRAIN / CLASSES);
            assert_int_equal(m.class_test[k], TEST / CLASSES);
        }
        assert_near((double)m.used_mean[1], 0.4, 1e-7);
    }
}

static void the_configs_normalisation_goes_over_the_sets_own(void **state)
{
    (void)state;
    snas_data_statistics m;
    snas_config config = config_of();
    config.data.deviation = (snas_colours){.given = true, .value = {0.1, 0.2, 0.3}};
    assert_ok(snas_data_measure(mem, &config, (snas_team){.threads = 1}, &m));
    assert_near((double)m.used_mean[0], 0.3, 1e-7);
    assert_near((double)m.used_deviation[2], 0.3, 1e-7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_sound_set_has_no_fault_and_no_note, make_set, arena_teardown),
        cmocka_unit_test_setup_teardown(every_picture_that_cannot_be_read_is_a_fault_in_order, make_set,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(copies_flat_pictures_and_empty_classes_are_notes, make_set, arena_teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_opened_is_one_fault, make_set, arena_teardown),
        cmocka_unit_test_setup_teardown(figures_are_those_of_a_plain_sum, make_set, arena_teardown),
        cmocka_unit_test_setup_teardown(the_configs_normalisation_goes_over_the_sets_own, make_set, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
