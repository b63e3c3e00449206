/* build.c -- cells built from a space's rows into a plain program.
 *
 *     stem;  L cells;  classifiers                 (stem and classifiers: ends.c)
 *     cell: states 0.. are its (preprocessed) inputs; node j = sum over edges (i -> j) and candidates of z O(state i)
 *     residual block in a cell's place (NAS-Bench-201), C -> 2C channels, half the side:
 *         conv 1x1(mean 2x2 / 2 (x)) + norm(conv 3x3(relu(norm(conv 3x3 / 2 (relu(x))))))
 *
 * Parameter names are those of the published PyTorch code for DARTS, SNAS and NAS-Bench-201's networks (a supernet's
 * edges are named as DARTS' in all spaces).
 */
#include <string.h>

#include "model.h"
#include "snas/base/text.h"

typedef struct {
    snas_program *p;
    const snas_network_spec *spec;
    model_parts *parts; /* NULL: not wanted */
    int cell;
    snas_cell_place place;
    bool affine, pool_norm; /* of the cells' norms */
} builder;

/** The operations from here on belong to a new row. */
static void begin_part(builder *b, int cell, const char *name, const char *what)
{
    if (b->parts != NULL) {
        b->parts->rows[b->parts->count++] =
            (model_part){.part = {.cell = cell, .name = name, .what = what}, .first_op = b->p->op_count};
    }
}

static const char *name_of(builder *b, const char *prefix, const char *end)
{
    return snas_program_name(b->p, "%s.%s", prefix, end);
}

/** "op.<place>" after the prefix. */
static const char *step_name(builder *b, const char *prefix, int place)
{
    return snas_program_name(b->p, "%s.op.%d", prefix, place);
}

/** relu, two 1x1 convolutions of stride 2 at offsets 0 and 1, side by side, batch norm. */
static int factorized(builder *b, const char *prefix, int x, int channels)
{
    snas_program *p = b->p;
    const snas_window half = {.kernel = 1, .stride = 2, .dilation = 1, .channels = channels / 2};
    snas_window other = half;
    other.offset = 1;
    const int r = snas_program_op(p, SNAS_OP_RELU, x, (snas_window){0});
    const int both[2] = {snas_program_conv(p, name_of(b, prefix, "conv_1"), r, half),
                         snas_program_conv(p, name_of(b, prefix, "conv_2"), r, other)};
    return snas_program_norm(p, name_of(b, prefix, "bn"), snas_program_concat(p, both, 2), b->affine);
}

/** relu, convolution, batch norm. */
static int relu_conv_norm(builder *b, const char *prefix, int x, snas_window window, bool affine)
{
    snas_program *p = b->p;
    const int r = snas_program_op(p, SNAS_OP_RELU, x, (snas_window){0});
    return snas_program_norm(p, step_name(b, prefix, 2), snas_program_conv(p, step_name(b, prefix, 1), r, window),
                             affine);
}

/** One step of a candidate's program. */
static int emit_step(builder *b, const snas_step *step, const char *prefix, int place, int x, int stride)
{
    snas_program *p = b->p;
    const int channels = b->place.channels;
    const snas_window w = {.kernel = step->kernel,
                           .stride = step->strided ? stride : 1,
                           .pad = step->dilation * (step->kernel - 1) / 2,
                           .dilation = step->dilation,
                           .channels = channels};
    snas_window pool = w;
    pool.dilation = 1;
    pool.pad = (step->kernel - 1) / 2;
    switch (step->kind) {
    case SNAS_STEP_RELU:
        return snas_program_op(p, SNAS_OP_RELU, x, (snas_window){0});
    case SNAS_STEP_DEPTHWISE:
        return snas_program_depthwise(p, step_name(b, prefix, place), x, w);
    case SNAS_STEP_CONV:
        return snas_program_conv(p, step_name(b, prefix, place), x, w);
    case SNAS_STEP_NORM:
        return snas_program_norm(p, step_name(b, prefix, place), x, b->affine);
    case SNAS_STEP_POOL_NORM:
        return b->pool_norm ? snas_program_norm(p, step_name(b, prefix, place), x, b->affine) : x;
    case SNAS_STEP_MAX_POOL:
        return snas_program_op(p, SNAS_OP_MAX_POOL, x, pool);
    case SNAS_STEP_AVG_POOL:
        return snas_program_op(p, SNAS_OP_AVG_POOL, x, pool);
    case SNAS_STEP_FACTORIZED:
        return factorized(b, prefix, x, channels);
    case SNAS_STEP_END:
        break;
    }
    return x;
}

static int emit_candidate(builder *b, const snas_candidate *candidate, const char *prefix, int x, int stride)
{
    const snas_step *steps = candidate->steps[stride - 1];
    for (int place = 0; steps[place].kind != SNAS_STEP_END; place++) {
        x = emit_step(b, &steps[place], prefix, place, x, stride);
    }
    return x;
}

/** The inputs that a node gathers. */
typedef struct {
    int values[SNAS_EDGES_MAX * SNAS_CANDIDATES_MAX];
    int z_slots[SNAS_EDGES_MAX * SNAS_CANDIDATES_MAX];
    int mask_slots[SNAS_EDGES_MAX * SNAS_CANDIDATES_MAX];
    int count;
} gathered;

static void gather(gathered *g, int value, int z_slot, int mask_slot)
{
    g->values[g->count] = value;
    g->z_slots[g->count] = z_slot;
    g->mask_slots[g->count++] = mask_slot;
}

/** Every candidate of edge e, weighted by its z; one drop-path mask an edge. */
static void mixed_edge(builder *b, gathered *g, int e, int x, int stride)
{
    const snas_space *space = b->spec->space;
    const int mask = b->p->mask_slots++;
    for (int k = 0; k < space->candidate_count; k++) {
        const snas_candidate *candidate = space->candidates[k];
        const int slot = (b->cell * snas_space_edge_count(space) + e) * space->candidate_count + k;
        if (candidate->is_zero) {
            continue;
        }
        b->p->gate = slot;
        const char *prefix = snas_program_name(b->p, "cells.%d._ops.%d._ops.%d", b->cell, e, k);
        begin_part(b, b->cell, prefix, candidate->name);
        gather(g, emit_candidate(b, candidate, prefix, x, stride), slot, mask);
        b->p->gate = SNAS_NONE;
    }
}

/** The one operation of a child's edge; a drop-path mask unless it is the identity. */
static void chosen_edge(builder *b, gathered *g, int e, int x, int stride, int k)
{
    const snas_candidate *candidate = b->spec->space->candidates[k];
    const char *prefix = snas_program_name(b->p, "cells.%d.%s.%d", b->cell, b->spec->space->child_edges, e);
    begin_part(b, b->cell, prefix, candidate->name);
    if (candidate->is_zero) {
        return;
    }
    const bool identity = snas_candidate_is_identity(candidate, stride);
    gather(g, emit_candidate(b, candidate, prefix, x, stride), SNAS_NONE, identity ? SNAS_NONE : b->p->mask_slots++);
}

static int edge_stride(const builder *b, int source)
{
    return b->place.reduction && source < b->spec->space->inputs ? 2 : 1;
}

/** Node `node` from the states before it; *edge counts the cell's edges. */
static int build_node(builder *b, const int *states, int node, int *edge)
{
    const snas_space *space = b->spec->space;
    const snas_genotype *genotype = b->spec->genotype;
    gathered *g = snas_arena_take(b->p->mem, 1, sizeof *g);
    if (g == NULL) {
        b->p->failed = SNAS_E_MEMORY;
        return 0;
    }
    if (genotype == NULL) {
        for (int j = 0; j < space->inputs + node; j++) {
            mixed_edge(b, g, (*edge)++, states[j], edge_stride(b, j));
        }
    } else {
        const snas_genes *genes = &genotype->nodes[b->place.type][node];
        for (int i = 0; i < genes->count; i++) {
            const int j = genes->genes[i].source;
            chosen_edge(b, g, (*edge)++, states[j], edge_stride(b, j), genes->genes[i].candidate);
        }
    }
    const int side = b->p->values[states[0]].shape.h / (b->place.reduction ? 2 : 1);
    return snas_program_mix(b->p, g->values, g->z_slots, g->mask_slots, g->count,
                            (snas_shape){side, side, b->place.channels});
}

static int preprocess(builder *b, int input, int x)
{
    const char *prefix = snas_program_name(b->p, "cells.%d.preprocess%d", b->cell, input);
    begin_part(b, b->cell, prefix, "preprocess");
    const snas_window one = {.kernel = 1, .stride = 1, .dilation = 1, .channels = b->place.channels};
    return input == 0 && b->place.reduction_before ? factorized(b, prefix, x, b->place.channels)
                                                   : relu_conv_norm(b, prefix, x, one, b->affine);
}

/** The fixed block between two stages, in a cell's place. */
static int residual_block(builder *b, int x)
{
    snas_program *p = b->p;
    const int channels = b->place.channels, side = p->values[x].shape.h / 2;
    const snas_window halving = {.kernel = 3, .stride = 2, .pad = 1, .dilation = 1, .channels = channels};
    const snas_window pool = {.kernel = 2, .stride = 2, .dilation = 1};
    const snas_window one = {.kernel = 1, .stride = 1, .dilation = 1, .channels = channels};
    snas_window second = halving;
    second.stride = 1;
    const char *prefix = snas_program_name(p, "cells.%d", b->cell);
    begin_part(b, b->cell, prefix, "residual block");
    const int a = relu_conv_norm(b, name_of(b, prefix, "conv_a"), x, halving, true);
    const int halved = snas_program_op(p, SNAS_OP_AVG_POOL, x, pool);
    const int both[2] = {relu_conv_norm(b, name_of(b, prefix, "conv_b"), a, second, true),
                         snas_program_conv(p, name_of(b, prefix, "downsample.1"), halved, one)};
    const int plain[2] = {SNAS_NONE, SNAS_NONE};
    return snas_program_mix(p, both, plain, plain, 2, (snas_shape){side, side, channels});
}

/** One cell, or the block in its place; inputs are its `inputs` predecessors, nearest last. */
static int build_cell(builder *b, const int *inputs)
{
    const snas_space *space = b->spec->space;
    int states[SNAS_INPUTS_MAX + SNAS_NODES_MAX], edge = 0;
    b->place = snas_space_place(space, b->cell, b->spec->cells, b->spec->channels);
    if (b->place.block) {
        return residual_block(b, inputs[space->inputs - 1]);
    }
    b->place.reduction_before |= b->cell == 0 && b->spec->stem == SNAS_STEM_IMAGENET;
    for (int i = 0; i < space->inputs; i++) {
        states[i] = space->preprocess ? preprocess(b, i, inputs[i]) : inputs[i];
    }
    for (int node = 0; node < space->nodes; node++) {
        states[space->inputs + node] = build_node(b, states, node, &edge);
    }
    return space->concat ? snas_program_concat(b->p, states + space->inputs, space->nodes)
                         : states[space->inputs + space->nodes - 1];
}

snas_status snas_network_check(const snas_network_spec *s)
{
    if (s->channels < 2 || s->channels % 2 != 0) {
        return snas_fail(SNAS_E_USAGE, "channels must be even and at least 2, not %d", s->channels);
    }
    if (s->cells < 3) {
        return snas_fail(SNAS_E_USAGE,
                         "a network needs at least 3 cells, two of which halve the "
                         "picture, not %d",
                         s->cells);
    }
    return model_check_ends(s);
}

static snas_status start(snas_arena *mem, const snas_network_spec *spec, model_parts *parts, builder *out)
{
    snas_program *p;
    SNAS_TRY(snas_network_check(spec));
    SNAS_TRY(snas_program_create(mem, &p));
    *out = (builder){.p = p,
                     .spec = spec,
                     .parts = parts,
                     .affine = spec->genotype != NULL || spec->affine,
                     .pool_norm = spec->genotype == NULL || spec->genotype->pool_bn};
    if (parts != NULL) {
        const int a_cell = SNAS_INPUTS_MAX + (spec->genotype == NULL ? SNAS_EDGES_MAX * SNAS_CANDIDATES_MAX
                                                                     : SNAS_NODES_MAX * SNAS_GENES_MAX);
        *parts = (model_parts){0};
        SNAS_NEW(mem, parts->rows, spec->cells * a_cell + 3);
    }
    return SNAS_OK;
}

snas_status model_build(snas_arena *mem, const snas_network_spec *spec, model_parts *parts, snas_program **out)
{
    builder b;
    SNAS_TRY(start(mem, spec, parts, &b));
    snas_program *p = b.p;
    int inputs[2], features = 0;
    begin_part(&b, SNAS_NONE, "stem", "stem");
    model_stem(p, spec, inputs);
    for (b.cell = 0; b.cell < spec->cells && p->failed == SNAS_OK; b.cell++) {
        const int made = build_cell(&b, inputs + SNAS_INPUTS_MAX - spec->space->inputs);
        inputs[0] = inputs[1];
        inputs[1] = made;
        features = b.cell == 2 * spec->cells / 3 ? made : features;
    }
    if (spec->auxiliary > 0.0) {
        begin_part(&b, SNAS_NONE, "auxiliary_head", "auxiliary classifier");
        model_auxiliary(p, spec, features);
    }
    begin_part(&b, SNAS_NONE, "classifier", "classifier");
    model_classifier(p, spec, inputs[1]);
    p->edge_slots = spec->genotype != NULL ? 0 : spec->space->candidate_count;
    p->z_slots =
        spec->genotype != NULL ? 0 : spec->cells * snas_space_edge_count(spec->space) * spec->space->candidate_count;
    *out = p;
    return p->failed;
}
