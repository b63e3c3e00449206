/* verify_step.c -- a step of a case: the one of the search or of the training, with the case's noise and pictures. */
#include "verify_step.h"

#include <string.h>

#include "snas/base/text.h"
#include "snas/learn/run_network.h"

static snas_network_spec spec_of(const verify_case *c)
{
    return (snas_network_spec){.space = c->search.space,
                               .genotype = c->supernet ? NULL : &c->genotype,
                               .channels = c->train.channels,
                               .cells = c->train.cells,
                               .classes = c->classes,
                               .auxiliary = c->supernet ? 0.0 : c->train.auxiliary,
                               .side = c->side};
}

static snas_status make_network(snas_arena *mem, const verify_case *c, const snas_verify_options *options,
                                snas_network **out)
{
    const snas_network_spec spec = spec_of(c);
    snas_network_options how =
        snas_run_network_options(c->batch, c->shards, false, options->f64 ? NULL : options->kernels);
    how.dtype = options->f64 ? SNAS_F64 : SNAS_F32;
    how.single_path = c->supernet && c->search.estimator->one_path;
    const snas_status status = snas_network_create(mem, &options->team, &spec, &how, out);
    if (status == SNAS_E_USAGE) { /* of a config; here it is data */
        return snas_fail(SNAS_E_DATA, "'%s': %s", c->path, snas_error());
    }
    SNAS_TRY(status);
    return snas_network_load(*out, &c->file, "", false);
}

/* Numbers of a picture, and pictures of the case. */
static int64_t picture(const verify_case *c)
{
    return (int64_t)c->side * c->side * 3;
}

static int64_t pictures(const verify_case *c)
{
    return (int64_t)(c->steps > 0 ? c->steps : 1) * c->batch;
}

/* Pictures in the network's type. */
static snas_status narrow(snas_arena *mem, const verify_run *run, const double *images, const void **out)
{
    const verify_case *c = run->c;
    const int64_t count = pictures(c) * picture(c);
    float *to;
    *out = images;
    if (images == NULL || snas_network_dtype(run->network) == SNAS_F64) {
        return SNAS_OK;
    }
    SNAS_NEW(mem, to, count);
    for (int64_t i = 0; i < count; i++) {
        to[i] = (float)images[i];
    }
    *out = to;
    return SNAS_OK;
}

/* [types][E][K]; 0 for a child. */
static int64_t logit_count(const verify_case *c)
{
    return (int64_t)c->logits.types * c->logits.edges * c->logits.candidates;
}

/* The momentum of the weights that the case has any of: input.momentum.NAME. */
static snas_status read_momentum(snas_arena *mem, const verify_case *c, verify_run *out)
{
    const double *from;
    void *to = out->searcher.descent.momentum;
    for (int i = 0; i < snas_network_parameter_count(out->network); i++) {
        const snas_parameter *p = snas_network_parameter(out->network, i);
        const char *name = snas_format(mem, "input.momentum.%s", p->name);
        SNAS_TRY(snas_taken(name));
        if (snas_tensor_find(&c->file, name) == NULL) {
            continue;
        }
        SNAS_TRY(verify_case_tensor(mem, c, name, p->count, &from));
        for (int64_t k = 0; k < p->count; k++) {
            if (snas_network_dtype(out->network) == SNAS_F64) {
                ((double *)to)[p->first + k] = from[k];
            } else {
                ((float *)to)[p->first + k] = (float)from[k];
            }
        }
    }
    return SNAS_OK;
}

/* What the estimator has kept from steps before, where the case has it: input.estimator_state. */
static snas_status read_state(snas_arena *mem, const verify_case *c, verify_run *out)
{
    static const char name[] = "input.estimator_state";
    const double *from;
    const int count = c->search.estimator->state_count;
    if (count == 0 || snas_tensor_find(&c->file, name) == NULL) {
        return SNAS_OK;
    }
    SNAS_TRY(verify_case_tensor(mem, c, name, count, &from));
    memcpy(out->searcher.distribution.state, from, (size_t)count * sizeof *from);
    return SNAS_OK;
}

static snas_status make_searcher(snas_arena *mem, const verify_case *c, const snas_team *team, verify_run *out)
{
    const snas_network_spec spec = spec_of(c);
    const snas_searcher_spec searcher = {.settings = &c->search,
                                         .team = team,
                                         .network = out->network,
                                         .cell_side = snas_network_cell_side(&spec),
                                         .steps_per_epoch = c->steps_per_epoch};
    SNAS_TRY(snas_searcher_create(mem, &searcher, &out->searcher));
    memcpy(out->searcher.distribution.logits.log_alpha, c->logits.log_alpha,
           (size_t)logit_count(c) * sizeof *c->logits.log_alpha);
    SNAS_TRY(read_momentum(mem, c, out));
    return read_state(mem, c, out);
}

snas_status verify_run_create(snas_arena *mem, const verify_case *c, const snas_verify_options *options,
                              verify_run *out)
{
    *out = (verify_run){.c = c};
    SNAS_TRY(make_network(mem, c, options, &out->network));
    SNAS_TRY(narrow(mem, out, c->pictures.images, &out->images));
    SNAS_TRY(narrow(mem, out, c->logit_pictures.images, &out->logit_images));
    return c->supernet
               ? make_searcher(mem, c, &options->team, out)
               : snas_trainer_create(mem, &c->train, &options->team, out->network, c->steps_per_epoch, &out->trainer);
}

/* What step `t` is given of these pictures; count 0 where there are none. */
static snas_step_input input_of(const verify_run *run, int t, const void *images, const int *labels)
{
    const verify_case *c = run->c;
    const int64_t first = (int64_t)t * c->batch;
    snas_step_input input = {
        .seed = c->seed, .epoch = t / c->steps_per_epoch, .step = t % c->steps_per_epoch, .global_step = t};
    if (images != NULL) {
        input.count = c->batch;
        input.images = (const char *)images + (size_t)first * snas_network_picture_bytes(run->network);
        input.labels = labels + first;
    }
    return input;
}

static snas_status search_step(verify_run *run, int t)
{
    const verify_case *c = run->c;
    const int64_t noise = t * logit_count(c);
    const snas_search_input input = {.train = input_of(run, t, run->images, c->pictures.labels),
                                     .logits = input_of(run, t, run->logit_images, c->logit_pictures.labels),
                                     .gumbel = c->gumbel + noise,
                                     .logit_gumbel = c->logit_gumbel == NULL ? NULL : c->logit_gumbel + noise};
    snas_searched done;
    const snas_status status = snas_search_step(&run->searcher, &input, &done);
    run->loss = done.loss;
    run->penalty = done.penalty;
    return status;
}

snas_status verify_run_step(verify_run *run, int t)
{
    const verify_case *c = run->c;
    if (c->supernet) {
        return search_step(run, t);
    }
    const snas_step_input input = input_of(run, t, run->images, c->pictures.labels);
    snas_trained done;
    const snas_status status = snas_train_step(&run->trainer, &input, &done);
    run->loss = done.loss;
    return status;
}
