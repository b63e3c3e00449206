/* pace.c -- how long a search or a training takes, from a few steps of it that leave nothing behind.
 *
 *      epoch = steps an epoch * step + what judging takes:
 *              search    batches of validation * (evaluation of the supernet + of a child within it)
 *              training  sets of weights * (test + recalibration batches) * evaluation / evaluate_every
 *      end   = search by `random`: cells * batches * evaluation of a child
 *
 * A step is the median of some; of a training whose first epochs are on smaller pictures the mean of both medians, by
 * the epochs of each. The task of the loop takes the steps, as in a bench: without a folder, so nothing is written.
 * Epochs in which logits rest are cheaper than others, so the steps are those of the first epoch in which they move.
 */
#include "snas/judge/pace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "snas/base/clock.h"
#include "snas/base/file.h"
#include "snas/loop/loop.h"
#include "snas/search/distribution.h"
#include "snas/search/search.h"
#include "snas/space/genotype.h"
#include "snas/train/train.h"
#include "snas/train/train_step.h"
#include "timed.h"

enum { STEPS = 7, EVALUATIONS = 3 };
static const double ENOUGH_S = 6.0; /* of timed steps */

/* --- memory ------------------------------------------------------------------------------------------------------- */

/* Bytes that are free for a new program; HUGE_VAL where the system does not tell. */
static double free_bytes(snas_arena *mem)
{
    snas_bytes text;
    if (snas_file_read(mem, "/proc/meminfo", (size_t)1 << 20, &text) != SNAS_OK) {
        snas_error_clear();
        return HUGE_VAL;
    }
    const char *line = strstr(text.data, "MemAvailable:");
    return line == NULL ? HUGE_VAL : 1024.0 * strtod(line + strlen("MemAvailable:"), NULL);
}

static bool fits(snas_arena *mem, const snas_estimate *e)
{
    const size_t momentum = (size_t)e->parameters * sizeof(float);
    return (double)(e->parameter_bytes + e->activation_bytes + e->data_bytes + momentum) < 0.9 * free_bytes(mem);
}

/* --- steps -------------------------------------------------------------------------------------------------------- */

static snas_status time_step(snas_loop *loop, double *seconds)
{
    snas_loop_step step = {0};
    const double started = snas_clock_seconds();
    SNAS_TRY(loop->task->step(loop, &step));
    *seconds = snas_clock_seconds() - started;
    loop->state.global_step++;
    loop->state.step++;
    if (loop->state.step == loop->steps_per_epoch) {
        loop->state.step = 0;
        loop->state.epoch++;
    }
    return SNAS_OK;
}

/* The first step is not like others: memory is touched for the first time. */
static snas_status time_steps(snas_loop *loop, double *out)
{
    double seconds[STEPS], all = 0.0;
    int count = 0;
    SNAS_TRY(time_step(loop, &seconds[0]));
    while (count < STEPS && all < ENOUGH_S) {
        SNAS_TRY(time_step(loop, &seconds[count]));
        all += seconds[count++];
    }
    *out = judge_timed_median(seconds, count);
    return SNAS_OK;
}

/* --- evaluations -------------------------------------------------------------------------------------------------- */

static double time_evaluation(const snas_loop *loop, const snas_batch *batch)
{
    double seconds[EVALUATIONS];
    for (int i = 0; i < EVALUATIONS; i++) {
        seconds[i] = judge_timed_evaluation(loop->network, batch);
    }
    return judge_timed_median(seconds, EVALUATIONS);
}

/* Any cell of the space stands for the child: a different operation on every edge in turn. */
static void any_cell(const snas_space *space, double *z)
{
    const int edges = space->cell_types * snas_space_edge_count(space), K = space->candidate_count;
    memset(z, 0, (size_t)(edges * K) * sizeof *z);
    for (int e = 0; e < edges; e++) {
        z[e * K + e % K] = 1.0;
    }
}

static snas_status judge_search(snas_loop *loop, const snas_estimate *e, snas_pace *out)
{
    const snas_search_config *settings = &loop->config->search;
    snas_distribution d;
    snas_batch batch;
    double *cell;
    const int size = settings->batch;
    SNAS_TRY(judge_timed_batch(loop->mem, size, loop->dataset->train.side, &batch));
    SNAS_TRY(snas_distribution_create(loop->mem, settings, loop->config->seed, loop->steps_per_epoch, &d));
    snas_distribution_noise(&d, loop->config->seed, SNAS_STREAM_GUMBEL_EVAL, 0);
    snas_distribution_draw(&d, snas_distribution_temperature(&d, 0));
    batch.z = d.weights;
    batch.row_of_cell = d.row_of_cell;
    batch.sparse = d.sparse;
    const double supernet = time_evaluation(loop, &batch);
    SNAS_NEW(loop->mem, cell,
             (size_t)settings->space->cell_types * (size_t)snas_space_edge_count(settings->space) *
                 (size_t)settings->space->candidate_count);
    any_cell(settings->space, cell);
    batch.z = cell;
    batch.row_of_cell = d.type_of_cell;
    batch.sparse = true;
    const double child = time_evaluation(loop, &batch);
    out->epoch += (double)e->validation_images / size * (supernet + child);
    if (settings->level == SNAS_LEVEL_WEIGHTS) {
        const double all = (double)e->logit_images / size;
        const double batches = settings->random_batches > 0 ? fmin(settings->random_batches, all) : all;
        out->end = settings->random_cells * batches * child;
    }
    return SNAS_OK;
}

static snas_status judge_training(snas_loop *loop, const snas_estimate *e, snas_pace *out)
{
    const snas_train_config *settings = &loop->config->train;
    const int size = snas_train_micro_batch(settings), sets = settings->average_decay > 0.0 ? 2 : 1;
    snas_batch batch;
    SNAS_TRY(judge_timed_batch(loop->mem, size, loop->dataset->train.side, &batch));
    const double one = time_evaluation(loop, &batch);
    const double batches = (double)e->test_images / size + settings->recalibration_batches;
    out->epoch += sets * batches * one / settings->evaluate_every;
    return SNAS_OK;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

/* The step of the epochs from `epoch` on, `count` of them, into the mean over all. */
static snas_status add_steps(snas_loop *loop, int epoch, int count, double *mean)
{
    double seconds;
    if (count <= 0) {
        return SNAS_OK;
    }
    loop->state.epoch = epoch;
    loop->state.step = 0;
    SNAS_TRY(time_steps(loop, &seconds));
    *mean += seconds * count / loop->epochs;
    return SNAS_OK;
}

static snas_status time_training(snas_loop *loop, double *out)
{
    const int small = snas_train_small_epochs(&loop->config->train);
    SNAS_TRY(add_steps(loop, 0, small, out));
    return add_steps(loop, small, loop->epochs - small, out);
}

static snas_status measure(snas_loop *loop, const snas_genotype *genotype, const snas_estimate *e, snas_pace *out)
{
    SNAS_TRY(loop->task->prepare(loop, genotype));
    if (genotype == NULL && loop->config->search.logit_warmup < loop->epochs) {
        loop->state.epoch = loop->config->search.logit_warmup;
    }
    SNAS_TRY(genotype == NULL ? time_steps(loop, &out->step) : time_training(loop, &out->step));
    out->epoch = (double)loop->steps_per_epoch * out->step;
    out->known = true;
    return genotype == NULL ? judge_search(loop, e, out) : judge_training(loop, e, out);
}

snas_status snas_pace_measure(const snas_config *config, const snas_genotype *genotype, const snas_run_options *options,
                              const snas_estimate *estimate, snas_pace *out)
{
    const snas_run_options run = {.team = options->team, .kernels = options->kernels};
    snas_arena *mem;
    *out = (snas_pace){0};
    SNAS_TRY(snas_arena_create("the steps of a dry run", 0, &mem));
    snas_loop loop = {.task = genotype == NULL ? &snas_search_task : &snas_train_task,
                      .config = config,
                      .options = &run,
                      .folder = snas_run_folder_none(),
                      .watch = snas_watch_make(&run),
                      .mem = mem,
                      .scratch = mem};
    const snas_status status = fits(mem, estimate) ? measure(&loop, genotype, estimate, out) : SNAS_OK;
    snas_arena_destroy(mem);
    return status;
}

double snas_pace_hours(const snas_pace *pace, int epochs)
{
    return (epochs * pace->epoch + pace->end) / 3600.0;
}

int snas_pace_epochs(const snas_pace *pace, double hours, int most)
{
    const double epochs = floor((3600.0 * hours - pace->end) / pace->epoch);
    return epochs < 1.0 ? 1 : epochs > most ? most : (int)epochs;
}
