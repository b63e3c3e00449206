/* test_single_path.c -- a supernet whose memory is planned for one path: the same bytes as with memory for all.
 *
 * Both networks take the same steps: a training step, a forward pass with the batch's statistics, an evaluation, each
 * with a path of its own, so that every pass finds what another path left behind.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena_fixture.h"
#include "check.h"
#include "snas/base/rng.h"
#include "snas/model/network.h"

enum { CLASSES = 7, BATCH = 3, STEPS = 5, CELLS_MAX = 8, SIDE = 16, PIXELS = SIDE * SIDE * 3 };
enum { Z_MAX = SNAS_CELL_TYPES_MAX * SNAS_EDGES_MAX * SNAS_CANDIDATES_MAX };

typedef struct {
    const char *space, *kernels; /* the second NULL: the best */
    int channels, cells;
    bool f64, recompute, affine;
    double drop_path;
    double most; /* memory of one path over that of all, where that is tested */
} network_case;

static const network_case CASES[] = {
    {"darts", NULL, 8, 6, false, false, false, 0.2, 0.0},
    {"darts", NULL, 6, 3, false, true, true, 0.0, 0.0},
    {"darts", "plain", 4, 3, true, false, false, 0.2, 0.0},
    {"darts", "baseline", 4, 3, false, false, false, 0.0, 0.0},
    {"nas-bench-201", NULL, 8, 5, false, false, true, 0.0, 0.0},
    {"nas-bench-201", "plain", 4, 3, true, false, false, 0.3, 0.0},
};

static void *taken(size_t count, size_t size)
{
    void *bytes = snas_arena_take(mem, count, size);
    assert_non_null(bytes);
    return bytes;
}

static const snas_team TEAM = {.threads = 1};

static snas_network_spec spec_of(const network_case *c)
{
    return (snas_network_spec){.space = snas_space_find(c->space),
                               .channels = c->channels,
                               .cells = c->cells,
                               .classes = CLASSES,
                               .side = SIDE,
                               .affine = c->affine};
}

static snas_network_options options_of(const network_case *c, bool single_path)
{
    return (snas_network_options){.batch = BATCH,
                                  .training = true,
                                  .dtype = c->f64 ? SNAS_F64 : SNAS_F32,
                                  .kernels = c->kernels,
                                  .recompute = c->recompute,
                                  .single_path = single_path,
                                  .norm_momentum = 0.1,
                                  .norm_eps = 1e-5};
}

static snas_network *network_of(const network_case *c, bool single_path)
{
    const snas_network_spec spec = spec_of(c);
    const snas_network_options options = options_of(c, single_path);
    snas_network *network;
    assert_ok(snas_network_create(mem, &TEAM, &spec, &options, &network));
    snas_network_init(network, 3);
    return network;
}

/* One candidate of every edge, and the pictures of a step. */
typedef struct {
    double z[Z_MAX];
    int row_of_cell[CELLS_MAX], labels[BATCH];
    void *images;
} input;

static void draw_path(const network_case *c, snas_rng *rng, input *in)
{
    const snas_space *space = snas_space_find(c->space);
    const int edges = snas_space_edge_count(space) * space->cell_types, K = space->candidate_count;
    memset(in->z, 0, sizeof in->z);
    for (int e = 0; e < edges; e++) {
        in->z[e * K + (int)snas_rng_below(rng, (uint32_t)K)] = 1.0;
    }
    for (int cell = 0; cell < c->cells; cell++) {
        in->row_of_cell[cell] = snas_space_place(space, cell, c->cells, c->channels).type;
    }
}

static input draw_input(const network_case *c, uint64_t step)
{
    input in;
    snas_rng rng = snas_rng_at(5, SNAS_STREAM_TEST, step);
    draw_path(c, &rng, &in);
    in.images = taken(BATCH * PIXELS, c->f64 ? sizeof(double) : sizeof(float));
    for (int i = 0; i < BATCH * PIXELS; i++) {
        const double value = snas_rng_normal(&rng);
        if (c->f64) {
            ((double *)in.images)[i] = value;
        } else {
            ((float *)in.images)[i] = (float)value;
        }
    }
    for (int i = 0; i < BATCH; i++) {
        in.labels[i] = (int)snas_rng_below(&rng, CLASSES);
    }
    return in;
}

/* What a pass leaves behind. */
typedef struct {
    snas_outcome outcome;
    double dz[Z_MAX];
} result;

static result pass(snas_network *network, const network_case *c, uint64_t step)
{
    static const snas_mode MODES[] = {SNAS_MODE_TRAIN, SNAS_MODE_BATCH, SNAS_MODE_TRAIN, SNAS_MODE_EVALUATE,
                                      SNAS_MODE_TRAIN};
    const input in = draw_input(c, step);
    const snas_batch batch = {.count = BATCH,
                              .images = in.images,
                              .labels = in.labels,
                              .z = in.z,
                              .row_of_cell = in.row_of_cell,
                              .sparse = true,
                              .drop_path = c->drop_path,
                              .seed = 1,
                              .step = step};
    result out;
    memset(&out, 0, sizeof out);
    snas_network_forward(network, &batch, MODES[step], &out.outcome);
    if (MODES[step] == SNAS_MODE_TRAIN) {
        snas_network_backward(network, &batch, out.dz);
    }
    return out;
}

static void check_case(const network_case *c)
{
    snas_network *all = network_of(c, false), *one = network_of(c, true);
    const size_t size = c->f64 ? sizeof(double) : sizeof(float);
    for (uint64_t step = 0; step < STEPS; step++) {
        const result a = pass(all, c, step), b = pass(one, c, step);
        assert_true(a.outcome.loss > 0.1 && a.outcome.loss == b.outcome.loss);
        assert_memory_equal(a.dz, b.dz, sizeof a.dz);
        assert_memory_equal(snas_network_logits(all), snas_network_logits(one), BATCH * CLASSES * size);
        assert_memory_equal(snas_network_gradients(all), snas_network_gradients(one),
                            (size_t)snas_network_weight_count(all) * size);
        assert_memory_equal(snas_network_buffers(all), snas_network_buffers(one),
                            (size_t)snas_network_buffer_values(all) * size);
    }
}

static void one_path_has_the_same_bytes_in_the_memory_of_one_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        check_case(&CASES[i]);
    }
}

/* The published size: 16 channels, 8 cells, batch 64. */
static void memory_for_one_path_is_less(void **state)
{
    (void)state;
    static const network_case SIZES[] = {{"darts", NULL, 16, 8, false, false, false, 0.0, 0.42},
                                         {"darts", NULL, 16, 8, false, true, false, 0.0, 0.65},
                                         {"nas-bench-201", NULL, 16, 17, false, false, false, 0.0, 0.67}};
    for (size_t i = 0; i < sizeof SIZES / sizeof SIZES[0]; i++) {
        size_t parameters, bytes[2];
        for (int single_path = 0; single_path < 2; single_path++) {
            snas_network_spec spec = spec_of(&SIZES[i]);
            snas_network_options options = options_of(&SIZES[i], single_path);
            spec.side = 32;
            options.batch = 64;
            assert_ok(snas_network_plan(mem, &TEAM, &spec, &options, &parameters, &bytes[single_path]));
        }
        print_message("%s, recompute %d: %.1f MiB for all paths, %.1f MiB for one\n", SIZES[i].space,
                      SIZES[i].recompute, (double)bytes[0] / 1048576.0, (double)bytes[1] / 1048576.0);
        assert_true((double)bytes[1] < SIZES[i].most * (double)bytes[0]);
    }
}

/* Two candidates of one edge, or a pass in which all run, in the memory of one path. */
static void dies_by_abort(bool sparse, double second)
{
    snas_network *network = network_of(&CASES[4], true);
    input in = draw_input(&CASES[4], 0);
    memset(in.z, 0, sizeof in.z);
    in.z[1] = 1.0;
    in.z[2] = second;
    const snas_batch batch = {.count = BATCH,
                              .images = in.images,
                              .labels = in.labels,
                              .z = in.z,
                              .row_of_cell = in.row_of_cell,
                              .sparse = sparse};
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        snas_outcome outcome;
        assert_non_null(freopen("/dev/null", "w", stderr));
        signal(SIGABRT, SIG_DFL);
        snas_network_forward(network, &batch, SNAS_MODE_TRAIN, &outcome);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void a_second_path_is_caught(void **state)
{
    (void)state;
    dies_by_abort(true, 0.5);
    dies_by_abort(false, 0.0);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, arena_setup, arena_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(one_path_has_the_same_bytes_in_the_memory_of_one_path),
        EACH(memory_for_one_path_is_less),
        EACH(a_second_path_is_caught),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
