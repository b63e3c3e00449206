/* test_parameters.c -- a network's tensors in from a file: in half precision too, and what is said of other names. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "snas/model/network.h"

typedef struct {
    snas_arena *mem;
    snas_network *network;
    snas_tensor_file file; /* the network's own tensors, as a file has them */
} fixture;

static void make(fixture *f, uint64_t seed)
{
    const snas_team team = {.threads = 1};
    const snas_network_spec spec = {
        .space = snas_space_find("nas-bench-201"), .channels = 2, .cells = 3, .classes = 2, .side = 8};
    const snas_network_options options = {.batch = 2, .norm_momentum = 0.1, .norm_eps = 1e-5};
    *f = (fixture){0};
    assert_ok(snas_arena_create("test", 0, &f->mem));
    assert_ok(snas_network_create(f->mem, &team, &spec, &options, &f->network));
    snas_network_init(f->network, seed);
    f->file.count = snas_network_tensor_count(f->network);
    f->file.tensors = snas_arena_take(f->mem, (size_t)f->file.count, sizeof *f->file.tensors);
    assert_non_null(f->file.tensors);
    assert_ok(snas_network_tensors(f->mem, f->network, "", f->file.tensors));
}

static void names_behind_a_wrappers_word_are_refused_with_the_word(void **state)
{
    (void)state;
    fixture f;
    char wanted[160];
    static const char *const WORDS[] = {"module.", "_orig_mod.", "model.", "student.net."};
    make(&f, 1);
    for (size_t w = 0; w < sizeof WORDS / sizeof WORDS[0]; w++) {
        assert_ok(snas_network_tensors(f.mem, f.network, WORDS[w], f.file.tensors));
        assert_ok(snas_network_load(f.network, &f.file, WORDS[w], true));
        snprintf(wanted, sizeof wanted,
                 "tensor 'stem.0.weight' is missing from the file, which has it as '%sstem.0.weight': take '%s' off",
                 WORDS[w], WORDS[w]);
        assert_fails(snas_network_load(f.network, &f.file, "", true), SNAS_E_DATA, wanted);
    }
    f.file.tensors[0].name = "xstem.0.weight"; /* no word: no dot */
    assert_fails(snas_network_load(f.network, &f.file, "", true), SNAS_E_DATA, "is missing from the file, which has");
    assert_null(strstr(snas_error(), "take"));
    snas_arena_destroy(f.mem);
}

static void weights_in_half_precision_are_loaded(void **state)
{
    (void)state;
    fixture f;
    make(&f, 1);
    snas_named_tensor *first = &f.file.tensors[0];
    uint16_t *half = snas_arena_take(f.mem, (size_t)first->count, sizeof *half);
    for (int64_t i = 0; i < first->count; i++) {
        half[i] = i % 2 == 0 ? 0x3800 : 0xb400; /* 1/2, -1/4 */
    }
    first->dtype = SNAS_F16;
    first->data = half;
    assert_ok(snas_network_load(f.network, &f.file, "", true));
    const float *weights = snas_network_weights(f.network);
    assert_true(weights[0] == 0.5F && weights[1] == -0.25F && weights[first->count - 1] == -0.25F);
    snas_arena_destroy(f.mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_behind_a_wrappers_word_are_refused_with_the_word),
        cmocka_unit_test(weights_in_half_precision_are_loaded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
