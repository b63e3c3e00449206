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

/* The pictures in the network's type. */
static snas_status narrow(snas_arena *mem, verify_run *run)
{
    const verify_case *c = run->c;
    const int64_t count = pictures(c) * picture(c);
    float *to;
    run->images = c->images;
    if (snas_network_dtype(run->network) == SNAS_F64) {
        return SNAS_OK;
    }
    SNAS_NEW(mem, to, count);
    for (int64_t i = 0; i < count; i++) {
        to[i] = (float)c->images[i];
    }
    run->images = to;
    return SNAS_OK;
}

/* [types][E][K]; 0 for a child. */
static int64_t logit_count(const verify_case *c)
{
    return (int64_t)c->logits.types * c->logits.edges * c->logits.candidates;
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
    return SNAS_OK;
}

snas_status verify_run_create(snas_arena *mem, const verify_case *c, const snas_verify_options *options,
                              verify_run *out)
{
    *out = (verify_run){.c = c};
    SNAS_TRY(make_network(mem, c, options, &out->network));
    SNAS_TRY(narrow(mem, out));
    return c->supernet
               ? make_searcher(mem, c, &options->team, out)
               : snas_trainer_create(mem, &c->train, &options->team, out->network, c->steps_per_epoch, &out->trainer);
}

snas_status verify_run_step(verify_run *run, int t)
{
    const verify_case *c = run->c;
    const int64_t first = (int64_t)t * c->batch;
    const snas_step_input input = {.seed = c->seed,
                                   .epoch = t / c->steps_per_epoch,
                                   .step = t % c->steps_per_epoch,
                                   .global_step = t,
                                   .count = c->batch,
                                   .images = (const char *)run->images +
                                             (size_t)first * snas_network_picture_bytes(run->network),
                                   .labels = c->labels + first};
    if (c->supernet) {
        snas_searched done;
        const snas_status status = snas_search_step(&run->searcher, &input, c->gumbel + t * logit_count(c), &done);
        run->loss = done.loss;
        run->penalty = done.penalty;
        return status;
    }
    snas_trained done;
    const snas_status status = snas_train_step(&run->trainer, &input, &done);
    run->loss = done.loss;
    return status;
}
