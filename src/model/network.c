/* network.c -- a network as a whole: made from a spec, counted, planned, and run for a step. */
#include "snas/model/network.h"

#include <string.h>

#include "model.h"
#include "snas/base/rng.h"
#include "snas/base/text.h"

static snas_parameter public_parameter(const snas_program_parameter *p)
{
    snas_parameter out = {.name = p->name,
                          .dims = p->dims,
                          .first = p->first,
                          .count = p->count,
                          .is_norm = p->is_norm,
                          .fan_in = p->fan_in};
    memcpy(out.shape, p->shape, sizeof out.shape);
    return out;
}

static snas_status take_step_memory(snas_network *n, snas_arena *mem)
{
    const snas_program *p = n->program;
    char *bytes;
    SNAS_NEW(mem, n->z, p->z_slots);
    SNAS_NEW(mem, n->dz, p->z_slots);
    SNAS_NEW(mem, n->mask_sums, p->mask_slots);
    SNAS_NEW(mem, n->losses, n->batch);
    SNAS_NEW(mem, n->auxiliary_losses, n->batch);
    SNAS_NEW(mem, n->ranks, n->batch);
    SNAS_NEW(mem, n->overflows, n->batch);
    SNAS_NEW(mem, bytes, (size_t)p->mask_slots * (size_t)n->batch * n->element);
    n->masks = bytes;
    SNAS_NEW(mem, bytes, (size_t)n->spec.classes * (size_t)n->batch * n->element);
    n->logits = bytes;
    SNAS_NEW(mem, n->parameters, p->parameter_count);
    SNAS_NEW(mem, n->buffers, p->buffer_count);
    for (int i = 0; i < p->parameter_count; i++) {
        n->parameters[i] = public_parameter(&p->parameters[i]);
    }
    for (int i = 0; i < p->buffer_count; i++) {
        n->buffers[i] = public_parameter(&p->buffers[i]);
    }
    return SNAS_OK;
}

static snas_executor_options executor_options(const snas_network_options *o)
{
    return (snas_executor_options){.batch = o->batch,
                                   .shards = o->shards,
                                   .training = o->training,
                                   .f64 = o->dtype == SNAS_F64,
                                   .recompute = o->recompute,
                                   .single_path = o->single_path,
                                   .kernels = o->kernels,
                                   .shared = o->shared == NULL ? NULL : o->shared->executor};
}

static snas_status build(snas_arena *mem, const snas_network_spec *spec, const snas_network_options *options,
                         snas_program **out)
{
    snas_network_spec built = *spec;
    built.auxiliary = options->training ? spec->auxiliary : 0.0;
    SNAS_TRY(model_build(mem, &built, NULL, out));
    (*out)->norm_momentum = options->norm_momentum;
    (*out)->norm_eps = options->norm_eps;
    return SNAS_OK;
}

/* The z slot of every parameter. */
static snas_status find_gates(snas_network *n, snas_arena *mem)
{
    SNAS_NEW(mem, n->gates, n->program->parameter_count);
    for (int i = 0; i < n->program->op_count; i++) {
        const snas_op *op = &n->program->ops[i];
        for (int k = 0; k < SNAS_OPERATION_PARAMETERS; k++) {
            if (op->parameters[k] != SNAS_NONE) {
                n->gates[op->parameters[k]] = op->gate;
            }
        }
    }
    return SNAS_OK;
}

/* The mask slot of every edge of a supernet. */
static snas_status find_masks(snas_network *n, snas_arena *mem)
{
    const int edges = n->program->z_slots / n->candidates;
    SNAS_NEW(mem, n->mask_of_edge, edges);
    for (int e = 0; e < edges; e++) {
        n->mask_of_edge[e] = SNAS_NONE;
    }
    for (int i = 0; i < n->program->op_count; i++) {
        const snas_op *op = &n->program->ops[i];
        for (int k = 0; op->z_slots != NULL && k < op->input_count; k++) {
            if (op->z_slots[k] != SNAS_NONE) {
                n->mask_of_edge[op->z_slots[k] / n->candidates] = op->mask_slots[k];
            }
        }
    }
    return SNAS_OK;
}

snas_status snas_network_create(snas_arena *mem, const snas_team *team, const snas_network_spec *spec,
                                const snas_network_options *options, snas_network **out)
{
    snas_network *n;
    SNAS_NEW(mem, n, 1);
    n->spec = *spec;
    n->spec.genotype = NULL;
    n->spec.auxiliary = options->training ? spec->auxiliary : 0.0;
    n->edges = snas_space_edge_count(spec->space);
    n->candidates = spec->space->candidate_count;
    n->batch = options->batch;
    n->owner = options->shared == NULL ? n : options->shared;
    n->f64 = options->dtype == SNAS_F64;
    n->element = n->f64 ? sizeof(double) : sizeof(float);
    SNAS_TRY(build(mem, spec, options, &n->program));
    const snas_executor_options how = executor_options(options);
    SNAS_TRY(snas_executor_create(mem, team, n->program, &how, &n->executor));
    SNAS_TRY(take_step_memory(n, mem));
    SNAS_TRY(find_gates(n, mem));
    SNAS_TRY(find_masks(n, mem));
    if (n->owner == n) {
        snas_network_init(n, 0);
    }
    *out = n;
    return SNAS_OK;
}

snas_status snas_network_plan(snas_arena *mem, const snas_team *team, const snas_network_spec *spec,
                              const snas_network_options *options, size_t *parameter_bytes, size_t *activation_bytes)
{
    snas_program *p;
    SNAS_TRY(build(mem, spec, options, &p));
    const snas_executor_options how = executor_options(options);
    return snas_executor_measure(mem, team, p, &how, parameter_bytes, activation_bytes);
}

static void add_count(const snas_program *p, int op, snas_count *to)
{
    to->parameters += snas_program_weights(p, &p->ops[op]);
    to->macs += snas_program_macs(p, &p->ops[op]);
}

snas_status snas_network_parts(snas_arena *mem, const snas_network_spec *spec, snas_network_part **out, int *count)
{
    snas_program *p;
    model_parts parts;
    snas_network_part *rows;
    SNAS_TRY(model_build(mem, spec, &parts, &p));
    SNAS_NEW(mem, rows, parts.count);
    for (int i = 0; i < parts.count; i++) {
        const int last = i + 1 < parts.count ? parts.rows[i + 1].first_op : p->op_count;
        rows[i] = parts.rows[i].part;
        for (int op = parts.rows[i].first_op; op < last; op++) {
            rows[i].auxiliary |= p->ops[op].auxiliary > 0.0;
            add_count(p, op, &rows[i].count);
        }
    }
    *out = rows;
    *count = parts.count;
    return SNAS_OK;
}

snas_status snas_network_count(snas_arena *mem, const snas_network_spec *spec, snas_count *fixed,
                               snas_count **per_candidate)
{
    snas_program *p;
    snas_count *slots;
    SNAS_TRY(model_build(mem, spec, NULL, &p));
    SNAS_NEW(mem, slots, p->z_slots);
    *fixed = (snas_count){0};
    for (int i = 0; i < p->op_count; i++) {
        if (!(p->ops[i].auxiliary > 0.0)) {
            add_count(p, i, p->ops[i].gate == SNAS_NONE ? fixed : &slots[p->ops[i].gate]);
        }
    }
    if (per_candidate != NULL) {
        *per_candidate = slots;
    }
    return SNAS_OK;
}

/* --- a step ------------------------------------------------------------------------------------------------------- */

static void set_weights(snas_network *n, const snas_batch *batch)
{
    const size_t cell = (size_t)n->edges * (size_t)n->candidates;
    for (int i = 0; batch->z != NULL && i < n->spec.cells && n->program->z_slots > 0; i++) {
        memcpy(n->z + (size_t)i * cell, batch->z + (size_t)batch->row_of_cell[i] * cell, cell * sizeof *n->z);
    }
}

/** A mask a slot and picture: 1 / keep with probability keep, else 0. */
static void draw_masks(snas_network *n, const snas_batch *batch)
{
    snas_rng rng = snas_rng_at(batch->seed, SNAS_STREAM_DROP_PATH, batch->step);
    const double keep = 1.0 - batch->drop_path;
    for (int slot = 0; slot < n->program->mask_slots; slot++) {
        for (int i = 0; i < batch->count; i++) {
            const double mask = snas_rng_uniform(&rng) < keep ? 1.0 / keep : 0.0;
            const int64_t at = (int64_t)slot * n->batch + i;
            if (n->f64) {
                ((double *)n->masks)[at] = mask;
            } else {
                ((float *)n->masks)[at] = (float)mask;
            }
        }
    }
}

void snas_network_forward(snas_network *n, const snas_batch *batch, snas_mode mode, snas_outcome *out)
{
    static const snas_pass_mode modes[] = {[SNAS_MODE_TRAIN] = SNAS_PASS_TRAIN,
                                           [SNAS_MODE_EVALUATE] = SNAS_PASS_EVALUATE,
                                           [SNAS_MODE_RECALIBRATE] = SNAS_PASS_RECALIBRATE,
                                           [SNAS_MODE_BATCH] = SNAS_PASS_BATCH};
    const bool looks = mode == SNAS_MODE_EVALUATE && batch->looks_inside;
    const bool drops = (mode == SNAS_MODE_TRAIN || mode == SNAS_MODE_BATCH) && batch->drop_path > 0.0;
    set_weights(n, batch);
    if (drops) {
        draw_masks(n, batch);
    }
    n->step = (snas_feed){.count = batch->count,
                          .mode = modes[mode],
                          .images = batch->images,
                          .labels = batch->labels,
                          .label_smoothing = batch->label_smoothing,
                          .z = n->z,
                          .sparse = batch->sparse,
                          .same_weights = batch->same_weights,
                          .dz = n->dz,
                          .mask_sums = batch->sparse && batch->skipped_as_ones ? n->mask_sums : NULL,
                          .masks = drops ? n->masks : NULL,
                          .recalibrated = n->recalibrated,
                          .losses = n->losses,
                          .ranks = n->ranks,
                          .logits = n->logits,
                          .auxiliary_losses = n->auxiliary_losses,
                          .overflows = looks ? n->overflows : NULL};
    memset(n->overflows, 0, (size_t)batch->count * sizeof *n->overflows);
    snas_executor_forward(n->executor, &n->step);
    n->owner->batches_tracked += mode == SNAS_MODE_TRAIN;
    n->recalibrated += mode == SNAS_MODE_RECALIBRATE;
    const bool heads = n->spec.auxiliary > 0.0 && mode != SNAS_MODE_EVALUATE;
    *out = (snas_outcome){0};
    for (int i = 0; i < batch->count; i++) {
        out->loss += n->losses[i] / batch->count;
        out->auxiliary_loss += heads ? n->auxiliary_losses[i] / batch->count : 0.0;
        out->correct += n->ranks[i] == 0;
        out->correct_top5 += n->ranks[i] < 5;
        out->not_finite += n->ranks[i] == SNAS_RANK_NONE;
        out->overflows += n->overflows[i];
    }
}

/** dL/dz of a slot. */
static double gradient_of(const snas_network *n, int slot)
{
    const int mask = n->mask_of_edge[slot / n->candidates];
    const bool skipped = n->step.mask_sums != NULL && mask != SNAS_NONE && n->z[slot] == 0.0;
    return skipped ? n->step.mask_sums[mask] : n->dz[slot];
}

void snas_network_backward(snas_network *n, const snas_batch *batch, double *dz)
{
    const int cell = n->edges * n->candidates;
    snas_executor_backward(n->executor, &n->step);
    if (dz == NULL || n->program->z_slots == 0) {
        return;
    }
    for (int i = 0; i < n->spec.cells; i++) {
        memset(dz + (size_t)batch->row_of_cell[i] * (size_t)cell, 0, (size_t)cell * sizeof *dz);
    }
    for (int i = 0; i < n->spec.cells; i++) {
        for (int k = 0; k < cell; k++) {
            dz[(size_t)batch->row_of_cell[i] * (size_t)cell + (size_t)k] += gradient_of(n, i * cell + k);
        }
    }
}

bool snas_network_parameter_ran(const snas_network *n, int i)
{
    const int gate = n->gates[i];
    return !n->step.sparse || gate == SNAS_NONE || n->z[gate] != 0.0;
}

const void *snas_network_logits(const snas_network *n)
{
    return n->logits;
}

const bool *snas_network_overflows(const snas_network *n)
{
    return n->overflows;
}

void snas_network_recalibrate(snas_network *n)
{
    n->recalibrated = 0;
}

void snas_network_profile(snas_network *n, const snas_profile *profile)
{
    snas_executor_profile(n->executor, profile);
}

const snas_program *snas_network_program(const snas_network *n)
{
    return n->program;
}

const char *snas_network_kernels(const snas_network *n)
{
    return snas_executor_kernels(n->executor);
}
