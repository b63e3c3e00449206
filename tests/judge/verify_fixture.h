/* verify_fixture.h -- a case for `snas verify` that the network makes of itself: it has to agree with itself. */
#ifndef SNAS_TESTS_VERIFY_FIXTURE_H
#define SNAS_TESTS_VERIFY_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "scratch.h"
#include "snas/arch/estimator.h"
#include "snas/base/rng.h"
#include "snas/base/text.h"
#include "snas/format/safetensors.h"
#include "snas/judge/verify.h"
#include "snas/model/network.h"
#include "snas/space/cost.h"

enum { SIDE = 8, BATCH = 2, CELLS = 3, CHANNELS = 4, CLASSES = 3, EDGES = 14, CANDIDATES = 8 };
enum { PIXELS = BATCH * SIDE * SIDE * 3, ROW = EDGES * CANDIDATES, TYPES = 2, ROOM = 8192 };

static const double TAU = 0.7, LAMBDA = 0.01;
static const int ROWS_OF_CELLS[CELLS] = {0, 1, 1};
static const snas_team TEAM = {.threads = 1};

#define STEP(more)                                                                                                     \
    "{\"channels\": 4, \"cells\": 3, \"classes\": 3, \"image\": 8, \"batch\": 2, \"temperature\": "                    \
    "0.7, \"resource_lambda\": 0.01, \"log_penalty\": true, \"no_pool_bn\": false, \"genotype\": "                     \
    "null" more "}"
static const char CONFIG[] = STEP("");

typedef struct {
    snas_arena *mem;
    snas_network *network;
    snas_cost_table costs;
    double images[PIXELS], pixels_first[PIXELS]; /* channels last, channels first */
    double log_alpha[TYPES * ROW], d_log_alpha[TYPES * ROW], total, loss, penalty;
    int64_t labels[BATCH];
    snas_draw draw;
    snas_tensor_file file;
    snas_metadata metadata[2];
} fixture;

static inline const snas_space *space(void)
{
    return snas_space_find("darts");
}

/* L + lambda R of the logits, and its gradient: the step that verify runs, put together once more. */
static inline void step(fixture *f)
{
    double dz[TYPES * ROW], dR[TYPES * ROW];
    const int labels[BATCH] = {(int)f->labels[0], (int)f->labels[1]};
    const snas_estimator *concrete = snas_estimator_find("concrete");
    const snas_logits logits = {.types = TYPES, .edges = EDGES, .candidates = CANDIDATES, .log_alpha = f->log_alpha};
    const snas_penalty penalty = {.logarithmic = true, .ratio = 1.0};
    snas_outcome outcome;
    concrete->draw(&logits, &f->draw);
    const snas_batch batch = {
        .count = BATCH, .images = f->images, .labels = labels, .z = f->draw.z, .row_of_cell = ROWS_OF_CELLS};
    snas_network_forward(f->network, &batch, SNAS_MODE_TRAIN, &outcome);
    snas_network_backward(f->network, &batch, dz);
    f->loss = outcome.loss;
    f->penalty = snas_penalty_value(&penalty, &f->costs, f->draw.z, ROWS_OF_CELLS, TYPES, dR);
    f->total = f->loss + LAMBDA * f->penalty;
    for (int i = 0; i < TYPES * ROW; i++) {
        dz[i] += LAMBDA * dR[i];
    }
    memset(f->d_log_alpha, 0, sizeof f->d_log_alpha);
    concrete->grad(&logits, &f->draw, dz, f->d_log_alpha);
}

static inline void add(fixture *f, const char *name, snas_dtype dtype, const void *data, int dims, const int64_t *shape)
{
    snas_named_tensor *t = &f->file.tensors[f->file.count++];
    *t = (snas_named_tensor){.name = name, .dtype = dtype, .dims = dims, .data = data, .count = 1};
    for (int i = 0; i < dims; i++) {
        t->shape[i] = shape[i];
        t->count *= shape[i];
    }
}

static inline void add_vector(fixture *f, const char *name, const double *data, int64_t count)
{
    add(f, name, SNAS_F64, data, 1, &count);
}

static inline void add_network(fixture *f, const char *prefix, const double *vector, bool buffers)
{
    const int count = buffers ? snas_network_buffer_count(f->network) : snas_network_parameter_count(f->network);
    for (int i = 0; i < count; i++) {
        const snas_parameter *p = buffers ? snas_network_buffer(f->network, i) : snas_network_parameter(f->network, i);
        add(f, snas_format(f->mem, "%s%s", prefix, p->name), SNAS_F64, vector + p->first, p->dims, p->shape);
    }
}

static const char *const TYPE_NAMES[TYPES] = {"normal", "reduce"};

static inline void add_inputs(fixture *f)
{
    const int64_t shape[4] = {BATCH, 3, SIDE, SIDE}, batch = BATCH, logits[2] = {BATCH, CLASSES};
    add(f, "input.images", SNAS_F64, f->pixels_first, 4, shape);
    add(f, "input.labels", SNAS_I64, f->labels, 1, &batch);
    add(f, "expect.logits", SNAS_F64, snas_network_logits(f->network), 2, logits);
    add(f, "expect.loss", SNAS_F64, &f->loss, 0, NULL);
    add(f, "expect.penalty", SNAS_F64, &f->penalty, 0, NULL);
    for (int t = 0; t < TYPES; t++) {
        add_vector(f, snas_format(f->mem, "%s_log_alpha", TYPE_NAMES[t]), f->log_alpha + t * ROW, ROW);
        add_vector(f, snas_format(f->mem, "grad.%s_log_alpha", TYPE_NAMES[t]), f->d_log_alpha + t * ROW, ROW);
        add_vector(f, snas_format(f->mem, "input.gumbel_%s", TYPE_NAMES[t]), f->draw.gumbel + t * ROW, ROW);
        add_vector(f, snas_format(f->mem, "input.z_%s", TYPE_NAMES[t]), f->draw.z + t * ROW, ROW);
    }
}

static inline int make(void **state)
{
    static const int TYPES_OF_ROWS[TYPES] = {0, 1};
    fixture *f = calloc(1, sizeof *f);
    *state = f;
    assert_ok(snas_arena_create("test", 0, &f->mem));
    const snas_network_spec spec = {
        .space = space(), .channels = CHANNELS, .cells = CELLS, .classes = CLASSES, .side = SIDE};
    const snas_network_options options = {
        .batch = BATCH, .training = true, .dtype = SNAS_F64, .norm_momentum = 0.1, .norm_eps = 1e-5};
    assert_ok(snas_network_create(f->mem, &TEAM, &spec, &options, &f->network));
    assert_ok(snas_cost_table_create(f->mem, space(), CHANNELS, CELLS, SIDE, &f->costs));
    snas_rng rng = snas_rng_at(4, SNAS_STREAM_TEST, 0);
    const snas_logits logits = {.types = TYPES, .edges = EDGES, .candidates = CANDIDATES};
    assert_ok(snas_draw_create(f->mem, &logits, TYPES, TYPES_OF_ROWS, &f->draw));
    f->draw.temperature = TAU;
    for (int i = 0; i < TYPES * ROW; i++) {
        f->log_alpha[i] = 1.0 + 0.3 * snas_rng_normal(&rng);
        f->draw.gumbel[i] = snas_rng_gumbel(&rng);
    }
    for (int i = 0; i < PIXELS; i++) {
        const int n = i / (3 * SIDE * SIDE), c = i / (SIDE * SIDE) % 3, at = i % (SIDE * SIDE);
        f->pixels_first[i] = snas_rng_normal(&rng);
        f->images[(n * SIDE * SIDE + at) * 3 + c] = f->pixels_first[i];
    }
    f->labels[1] = 2;
    step(f);
    SNAS_NEW(f->mem, f->file.tensors, ROOM);
    f->metadata[0] = (snas_metadata){.key = "config", .value = CONFIG};
    f->metadata[1] = (snas_metadata){.key = "float32_error", .value = "{\"logits\": 1e-3}"};
    f->file.metadata = f->metadata;
    f->file.metadata_count = 2;
    add_network(f, "", snas_network_weights(f->network), false);
    add_network(f, "grad.", snas_network_gradients(f->network), false);
    add_network(f, "after.", snas_network_buffers(f->network), true);
    add_inputs(f);
    return 0;
}

static inline int unmake(void **state)
{
    fixture *f = *state;
    snas_arena_destroy(f->mem);
    free(f);
    return 0;
}

static inline snas_status verify(fixture *f, bool f64, snas_verified *out)
{
    const snas_verify_options options = {.team = TEAM, .f64 = f64, .kernels = "plain"};
    const char *path = scratch_path("case.safetensors");
    assert_ok(snas_safetensors_save(f->mem, path, &f->file));
    return snas_verify(f->mem, path, &options, out);
}

static inline snas_named_tensor *tensor(fixture *f, const char *name)
{
    for (int i = 0; i < f->file.count; i++) {
        if (strcmp(f->file.tensors[i].name, name) == 0) {
            return &f->file.tensors[i];
        }
    }
    fail_msg("no tensor '%s'", name);
    return NULL;
}

/* A tensor's doubles, to be changed: from here on it has a copy of its own. */
static inline double *numbers(fixture *f, const char *name)
{
    snas_named_tensor *t = tensor(f, name);
    double *own = snas_arena_take(f->mem, (size_t)t->count, sizeof *own);
    assert_non_null(own);
    memcpy(own, t->data, (size_t)t->count * sizeof *own);
    t->data = own;
    return own;
}

#endif
