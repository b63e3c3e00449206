/* verify_step.c -- a step of a case: what snas_search_step and snas_train_step do, with the case's noise and pictures.
 *
 *     z = softmax((log alpha + G) / tau),   L = cross entropy(network(x, z)) + lambda R(z)
 */
#include "verify_step.h"

#include <string.h>

#include "snas/base/text.h"
#include "snas/learn/run_network.h"
#include "snas/space/cost.h"

static snas_status make_network(snas_arena *mem, const verify_case *c, const snas_verify_options *options,
                                snas_network **out)
{
    const snas_network_spec spec = {.space = snas_space_find("darts"),
                                    .genotype = c->supernet ? NULL : &c->genotype,
                                    .channels = c->channels,
                                    .cells = c->cells,
                                    .classes = c->classes,
                                    .side = c->side};
    snas_network_options how = snas_run_network_options(c->batch, false, options->f64 ? NULL : options->kernels);
    how.dtype = options->f64 ? SNAS_F64 : SNAS_F32;
    const snas_status status = snas_network_create(mem, &options->team, &spec, &how, out);
    if (status == SNAS_E_USAGE) { /* of a config; here it is data */
        const char *sentence = snas_format(mem, "'%s': %s", c->path, snas_error());
        return sentence == NULL ? SNAS_E_MEMORY : snas_fail(SNAS_E_DATA, "%s", sentence);
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

/* [2][E][K]; 0 for a child. */
static int64_t logit_count(const verify_case *c)
{
    return (int64_t)c->logits.types * c->logits.edges * c->logits.candidates;
}

snas_status verify_run_create(snas_arena *mem, verify_case *c, const snas_verify_options *options, verify_run *out)
{
    const snas_space *space = snas_space_find("darts");
    *out = (verify_run){.c = c};
    SNAS_TRY(make_network(mem, c, options, &out->network));
    SNAS_TRY(narrow(mem, out));
    SNAS_NEW(mem, out->row_of_cell, c->cells);
    SNAS_NEW(mem, out->dz, logit_count(c));
    SNAS_NEW(mem, out->dR, logit_count(c));
    SNAS_NEW(mem, out->d_log_alpha, logit_count(c));
    for (int i = 0; i < c->cells; i++) {
        out->row_of_cell[i] = snas_space_place(space, i, c->cells, c->channels).type;
    }
    return c->supernet ? snas_cost_table_create(mem, space, c->channels, c->cells, c->side, &out->costs) : SNAS_OK;
}

/* R of the draw, and d_log_alpha of L from dL/dz. */
static void price(verify_run *run)
{
    const verify_case *c = run->c;
    const snas_penalty penalty = {.logarithmic = c->logarithmic, .ratio = 1.0};
    run->penalty = snas_penalty_value(&penalty, &run->costs, c->draw.z, run->row_of_cell, c->draw.rows, run->dR);
    for (int64_t i = 0; i < logit_count(c); i++) {
        run->dz[i] += c->lambda * run->dR[i];
        run->d_log_alpha[i] = 0.0;
    }
    snas_estimator_find("concrete")->grad(&c->logits, &c->draw, run->dz, run->d_log_alpha);
}

void verify_run_step(verify_run *run, int t)
{
    verify_case *c = run->c;
    const size_t size = snas_dtype_size(snas_network_dtype(run->network));
    const int64_t first = (int64_t)t * c->batch;
    if (c->supernet) {
        memcpy(c->draw.gumbel, c->gumbel + t * logit_count(c), (size_t)logit_count(c) * sizeof *c->gumbel);
        snas_estimator_find("concrete")->draw(&c->logits, &c->draw);
    }
    const snas_batch batch = {.count = c->batch,
                              .images = (const char *)run->images + (size_t)(first * picture(c)) * size,
                              .labels = c->labels + first,
                              .z = c->supernet ? c->draw.z : NULL,
                              .row_of_cell = run->row_of_cell};
    snas_outcome outcome;
    snas_network_forward(run->network, &batch, SNAS_MODE_TRAIN, &outcome);
    snas_network_backward(run->network, &batch, c->supernet ? run->dz : NULL);
    run->loss = outcome.loss;
    if (c->supernet) {
        price(run);
    }
}
