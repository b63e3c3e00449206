/* loop.c -- the loop that search and train share: steps, epochs, rows of figures, checkpoints, stopping, resuming.
 *
 *      prepare -> [restore] -> for every epoch: steps -> judge -> row, results, checkpoint
 *
 * A stop between two steps saves (epoch, step) and the sums of the epoch. A stop while the epoch is judged saves
 * step = steps_per_epoch: judging changes no state, so the resumed run judges again from the beginning. A picture that
 * cannot be read ends the run in the same way, saved, with the picture's own status.
 */
#include "snas/loop/loop.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "loop_events.h"
#include "loop_ranks.h"
#include "restore.h"
#include "retreat.h"
#include "save.h"
#include "snas/base/clock.h"
#include "snas/base/text.h"
#include "snas/base/usage.h"
#include "snas/comm/comm.h"
#include "snas/learn/streams.h"

/* --- leaving between two steps ------------------------------------------------------------------------------------ */

/* Save and leave. A fault here is final: what is not saved now is lost. */
static snas_status interrupted(snas_loop *loop)
{
    SNAS_TRY(loop_save_stop(loop));
    return snas_fail(SNAS_E_INTERRUPTED, "stopped at step %" PRId64 " and saved; go on with 'snas %s --resume %s'",
                     loop->state.global_step, loop->task->name, loop->folder.path);
}

/* When a run that a picture has stopped can go on. */
static const char *way_on(const snas_pictures *pictures, snas_status status)
{
    if (pictures->file == NULL) {
        return " when it can be read";
    }
    return status == SNAS_E_DATA ? " when the picture is mended, replaced or removed, or with '--set "
                                   "data.photos.broken=skip', by which the next one of its class stands in for it"
                                 : " when the picture can be read or is removed";
}

/* A picture could not be read: nothing of the step has moved, so what was done until here is saved. The picture's
 * sentence is what the user reads. */
static snas_status lost(snas_loop *loop, snas_status status)
{
    snas_fault fault;
    snas_fault_keep(&fault, status);
    if (loop_save_stop(loop) != SNAS_OK) {
        snas_run_say(&loop->folder, SNAS_LOG_WARNING, "could not save the run either: %s", snas_error());
        return snas_fault_again(&fault);
    }
    return snas_fail(status, "%s\nstep %" PRId64 " is saved; go on with 'snas %s --resume %s'%s", fault.sentence,
                     loop->state.global_step, loop->task->name, loop->folder.path,
                     way_on(&loop->dataset->train, status));
}

static bool is_lost(snas_status status)
{
    return status == SNAS_E_DATA || status == SNAS_E_IO;
}

/* --- a step ------------------------------------------------------------------------------------------------------- */

snas_status snas_loop_pictures(snas_loop *loop, snas_batch_stream *stream, snas_loaded *out)
{
    const double started = snas_clock_seconds();
    SNAS_TRY(snas_batch_stream_next(stream, out));
    loop->data_seconds += snas_clock_seconds() - started;
    return SNAS_OK;
}

snas_step_input snas_loop_step_input(const snas_loop *loop, const snas_loaded *pictures)
{
    const snas_loop_state *at = &loop->state;
    return (snas_step_input){.seed = loop->config->seed,
                             .epoch = at->epoch,
                             .step = at->step,
                             .global_step = at->global_step,
                             .count = pictures->count,
                             .images = pictures->images,
                             .labels = pictures->labels};
}

static void tell(snas_loop *loop, double loss)
{
    snas_progress *at = &loop->watch.at;
    const snas_loop_state *state = &loop->state;
    at->step = state->step;
    at->done = state->global_step;
    at->step_loss = loss;
    at->loss = state->loss / (double)state->images;
    at->accuracy = (double)state->correct / (double)state->images;
    snas_watch_tell(&loop->watch);
}

/* The i-th figure of the task; NULL after the last. */
static const snas_loop_figure *figure_at(const snas_loop *loop, int i)
{
    const snas_loop_figure *figure = &loop->task->figures[i];
    assert(i <= SNAS_LOOP_FIGURES_MAX);
    return figure->name == NULL ? NULL : figure;
}

static bool is_given(const snas_loop *loop, const snas_loop_figure *figure)
{
    return figure->is_given == NULL || figure->is_given(loop->config);
}

static void sum_figures(snas_loop *loop, int images)
{
    const snas_loop_figure *figure;
    for (int i = 0; (figure = figure_at(loop, i)) != NULL; i++) {
        loop->state.sums[i] += figure->of_step(loop) * (figure->by_picture ? images : 1);
    }
}

void snas_loop_add_figures(const snas_loop *loop, snas_metrics_row *row)
{
    const snas_loop_figure *figure;
    for (int i = 0; (figure = figure_at(loop, i)) != NULL; i++) {
        if (is_given(loop, figure)) {
            const int64_t parts = figure->by_picture ? loop->state.images : loop->state.step;
            snas_metrics_row_add(row, figure->name, loop->state.sums[i] / (double)parts);
        }
    }
}

static snas_status take_step(snas_loop *loop)
{
    snas_loop_step step = {0};
    const double started = snas_clock_seconds();
    SNAS_TRY(loop->task->step(loop, &step));
    loop_retreat_judge(loop, step.loss);
    loop->train_seconds += snas_clock_seconds() - started;
    loop->steps_timed++;
    loop->watch.steps_taken++;

    snas_loop_state *state = &loop->state;
    state->step++;
    state->global_step++;
    state->images += step.images;
    state->correct += step.correct;
    state->loss += step.loss * step.images;
    sum_figures(loop, step.images);
    tell(loop, step.loss);
    return SNAS_OK;
}

static bool checkpoint_is_due(snas_loop *loop)
{
    const int every = loop->config->checkpoint_steps;
    const bool wanted = snas_watch_saves(&loop->watch);
    return wanted || (every > 0 && loop->state.global_step % every == 0);
}

static snas_status train_epoch(snas_loop *loop)
{
    snas_watch_phase(&loop->watch, loop->task->name, loop->steps_per_epoch);
    loop->watch.at.epoch = (int)loop->state.epoch;
    while (loop->state.step < loop->steps_per_epoch) {
        if (snas_watch_stopped(&loop->watch)) {
            return interrupted(loop);
        }
        const snas_status status = take_step(loop);
        if (status != SNAS_OK) {
            return is_lost(status) ? lost(loop, status) : status;
        }
        if (checkpoint_is_due(loop)) {
            SNAS_TRY(loop_save_survive(loop, loop_save_step(loop)));
        }
    }
    return SNAS_OK;
}

/* --- an epoch ----------------------------------------------------------------------------------------------------- */

/* What has happened since the line before: an epoch, or the part of one that this process took. */
static void write_timing(snas_loop *loop)
{
    char line[320];
    const double now = snas_clock_seconds(), processor = snas_processor_seconds();
    const snas_loop_state *at = &loop->state;
    const double images = at->step > 0 ? (double)at->images / (double)at->step * (double)loop->steps_timed : 0.0;
    snprintf(line, sizeof line,
             "{\"epoch\": %" PRId64 ", \"steps\": %" PRId64 ", \"seconds\": %.3f, \"train_seconds\": %.3f, "
             "\"data_wait_seconds\": %.3f, \"images_per_second\": %.1f, \"processor_seconds\": %.3f, "
             "\"peak_bytes\": %zu}\n",
             at->epoch, loop->steps_timed, now - loop->epoch_started, loop->train_seconds,
             loop->data_seconds - loop->data_seconds_told,
             loop->train_seconds > 0.0 ? images / loop->train_seconds : 0.0, processor - loop->processor_told,
             snas_peak_bytes());
    loop->data_seconds_told = loop->data_seconds;
    loop->processor_told = processor;
    snas_run_folder_timing(&loop->folder, line);
    loop->epoch_started = now;
    loop->train_seconds = 0.0;
    loop->steps_timed = 0;
}

static void next_epoch(snas_loop_state *state)
{
    state->epoch++;
    state->step = 0;
    state->images = 0;
    state->correct = 0;
    state->loss = 0.0;
    memset(state->sums, 0, sizeof state->sums);
}

static void say_flaw(void *context, const char *sentence)
{
    const snas_loop *loop = context;
    snas_run_say(&loop->folder, SNAS_LOG_WARNING, "by the end of epoch %" PRId64 ": %s", loop->state.epoch + 1,
                 sentence);
}

static snas_status close_epoch(snas_loop *loop, snas_metrics_row *row)
{
    SNAS_TRY(loop_ranks_compare(loop));
    snas_flaws_tell(&loop->dataset->train, &loop->told[0], say_flaw, loop);
    snas_flaws_tell(&loop->dataset->test, &loop->told[1], say_flaw, loop);
    SNAS_TRY(snas_metrics_add(&loop->metrics, row));
    snas_events_row(loop->scratch, &loop->events, row);
    loop->state.rows = loop->metrics.rows;
    write_timing(loop);
    next_epoch(&loop->state);
    SNAS_TRY(loop_save_survive(loop, loop_save_epoch(loop)));
    snas_run_say(&loop->folder, SNAS_LOG_DEBUG, "epoch %" PRId64 " of %d is done at step %" PRId64, loop->state.epoch,
                 loop->epochs, loop->state.global_step);
    if (loop->options->epoch != NULL) {
        loop->options->epoch(loop->options->context, row);
    }
    return SNAS_OK;
}

static snas_status finish_epoch(snas_loop *loop)
{
    const snas_mark mark = snas_arena_mark(loop->scratch);
    snas_metrics_row row = {0};
    const snas_status judged = loop->task->judge_epoch(loop, &row);
    const snas_status status = judged == SNAS_OK ? close_epoch(loop, &row) : judged;
    snas_arena_release(loop->scratch, mark);
    if (status == SNAS_E_INTERRUPTED) {
        return interrupted(loop);
    }
    return is_lost(judged) ? lost(loop, judged) : status;
}

/* Between two epochs: did the task give up before the last one? */
static bool has_ended(snas_loop *loop)
{
    if (loop->state.step > 0 || loop->task->ended == NULL) {
        return false;
    }
    const snas_mark mark = snas_arena_mark(loop->scratch);
    const char *why = loop->task->ended(loop);
    if (why != NULL) {
        snas_run_say(&loop->folder, SNAS_LOG_INFO, "%s: ended after epoch %" PRId64 " of %d", why, loop->state.epoch,
                     loop->epochs);
    }
    snas_arena_release(loop->scratch, mark);
    return why != NULL;
}

static snas_status walk_epochs(snas_loop *loop)
{
    loop->epoch_started = snas_clock_seconds();
    loop->watch.at.epochs = loop->epochs;
    loop->watch.at.all = loop->epochs * loop->steps_per_epoch;
    loop->watch.at.done_at_start = loop->state.global_step;
    while (loop->state.epoch < loop->epochs && !has_ended(loop)) {
        SNAS_TRY(train_epoch(loop));
        SNAS_TRY(finish_epoch(loop));
    }
    return loop_save_end(loop);
}

static snas_status run_epochs(snas_loop *loop)
{
    const snas_status status = walk_epochs(loop);
    if (status == SNAS_OK) {
        loop_retreat_over(loop);
    }
    return status == SNAS_E_NUMERIC ? loop_retreat(loop) : status;
}

/* --- start and resume --------------------------------------------------------------------------------------------- */

static snas_status register_state(snas_loop *loop)
{
    snas_loop_state *state = &loop->state;
    const snas_checkpoint_row rows[] = {
        {.name = "state.epoch", .dtype = SNAS_I64, .data = &state->epoch},
        {.name = "state.step", .dtype = SNAS_I64, .data = &state->step},
        {.name = "state.global_step", .dtype = SNAS_I64, .data = &state->global_step},
        {.name = "state.rows", .dtype = SNAS_I64, .data = &state->rows},
        {.name = "state.images", .dtype = SNAS_I64, .data = &state->images},
        {.name = "state.correct", .dtype = SNAS_I64, .data = &state->correct},
        {.name = "state.loss", .dtype = SNAS_F64, .data = &state->loss},
        {.name = "stream.train", .dtype = SNAS_I64, .data = &loop->train.taken},
        {.name = "state.epoch_steps", .dtype = SNAS_I64, .data = &loop->steps_per_epoch},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snas_checkpoint_add(&loop->checkpoint, rows[i]);
    }
    const snas_loop_figure *figure;
    for (int i = 0; (figure = figure_at(loop, i)) != NULL; i++) {
        if (!is_given(loop, figure)) {
            continue;
        }
        const char *name = snas_format(loop->mem, "state.%s", figure->name);
        SNAS_TRY(snas_taken(name));
        snas_checkpoint_add(&loop->checkpoint,
                            (snas_checkpoint_row){.name = name, .dtype = SNAS_F64, .data = &state->sums[i]});
    }
    return SNAS_OK;
}

static snas_status prepare(snas_loop *loop, const void *request)
{
    SNAS_TRY(loop->task->prepare(loop, request));
    loop->checkpoint.folder = loop->options->folder;
    loop->checkpoint.command = loop->task->name;
    loop->checkpoint.config = loop->config->text;
    loop->checkpoint.keep = loop->config->keep_checkpoints;
    loop->checkpoint.shards = loop->config->shards;
    loop->checkpoint.network = loop->network;
    loop->checkpoint.division = loop->dataset->division;
    loop->checkpoint.class_names = loop->dataset->class_names;
    loop->checkpoint.classes = loop->dataset->classes;
    loop->checkpoint.pictures = loop->dataset->identity;
    return register_state(loop);
}

/* From here on a request to stop is answered by saving. */
static void listen_to_stop(const snas_loop *loop)
{
    if (loop->options->listens != NULL) {
        *loop->options->listens = 1;
    }
}

static snas_status save_pictures(snas_loop *loop)
{
    const snas_mark mark = snas_arena_mark(loop->scratch);
    const char *path = snas_run_folder_path(loop->scratch, &loop->folder, SNAS_PICTURES_FILE);
    const snas_status status =
        path == NULL ? SNAS_E_MEMORY : snas_dataset_save_pictures(loop->scratch, loop->dataset, path);
    snas_arena_release(loop->scratch, mark);
    return status;
}

static void say_note(const snas_loop *loop)
{
    if (loop->note != NULL) {
        snas_run_say(&loop->folder, SNAS_LOG_INFO, "%s", loop->note);
    }
}

static snas_status prepare_new(snas_loop *loop, const void *request)
{
    SNAS_TRY(snas_run_folder_vacant(loop->scratch, loop->options->folder));
    return prepare(loop, request);
}

/* The folder of a new run, with all that a resumed one reads. */
static snas_status make_folder(snas_loop *loop)
{
    SNAS_TRY(snas_comm_agree(snas_run_folder_create(loop->scratch, loop->config, loop->options, &loop->folder)));
    snas_log(SNAS_LOG_INFO, "run folder %s", loop->folder.path);
    SNAS_TRY(save_pictures(loop));
    if (loop->dataset->note != NULL) {
        snas_run_say(&loop->folder, SNAS_LOG_INFO, "%s", loop->dataset->note);
    }
    say_note(loop);
    if (loop->task->begin != NULL) {
        SNAS_TRY(loop->task->begin(loop));
    }
    SNAS_TRY(snas_run_folder_declare(loop->scratch, loop->task->name, loop->config, loop->options, &loop->folder));
    SNAS_TRY(loop_open_metrics(loop, NULL));
    return loop_events_open(loop);
}

static snas_status start(snas_loop *loop, const void *request)
{
    SNAS_TRY(snas_comm_agree(prepare_new(loop, request)));
    SNAS_TRY(loop_ranks_meet(loop));
    listen_to_stop(loop);
    SNAS_TRY(snas_comm_agree(make_folder(loop)));
    return run_epochs(loop);
}

/* The state of a run that goes on. */
static snas_status take_up(snas_loop *loop, const void *request)
{
    SNAS_TRY(prepare(loop, request));
    return loop_restore(loop);
}

static snas_status resume(snas_loop *loop, const void *request)
{
    SNAS_TRY(snas_comm_agree(snas_run_folder_open(loop->mem, loop->task->name, loop->options->folder, &loop->folder)));
    snas_log(SNAS_LOG_INFO, "run folder %s", loop->folder.path);
    SNAS_TRY(snas_comm_agree(take_up(loop, request)));
    SNAS_TRY(loop_ranks_meet(loop));
    listen_to_stop(loop);
    SNAS_TRY(snas_comm_agree(snas_run_folder_set_running(&loop->folder)));
    say_note(loop);
    if (loop->dataset->changed != NULL) {
        snas_run_say(&loop->folder, SNAS_LOG_WARNING, "%s", loop->dataset->changed);
    }
    if (loop->metrics.mended != NULL) {
        snas_run_say(&loop->folder, SNAS_LOG_WARNING, "%s", loop->metrics.mended);
    }
    SNAS_TRY(snas_comm_agree(loop_events_open(loop)));
    const bool holds_results = loop->unsaved.count > 0; /* the checkpoint: then it is written anew without them */
    SNAS_TRY(loop_save_survive(loop, holds_results ? loop_save_epoch(loop) : loop_save_results(loop)));
    return run_epochs(loop);
}

typedef snas_status entry(snas_loop *loop, const void *request);

/* Give the loop its arenas, enter, leave the folder with the right STATUS. */
static snas_status run(const snas_loop_task *task, const snas_config *config, const snas_run_options *options,
                       const void *request, entry *enter)
{
    snas_loop loop = {
        .task = task,
        .config = config,
        .options = options,
        .folder = snas_run_folder_none(),
        .unjudged = -1,
        .processor_told = snas_processor_seconds(),
        .watch = snas_watch_make(options),
    };
    snas_status status = snas_arena_create("the run", 0, &loop.mem);
    if (status == SNAS_OK) {
        status = snas_arena_create("the work between steps", 0, &loop.scratch);
    }
    if (status == SNAS_OK) {
        status = loop_ranks_end(enter(&loop, request));
    }
    if (status != SNAS_OK && loop.epoch_started > 0) {
        write_timing(&loop);
    }
    loop_save_leave(&loop, status);
    status = snas_run_folder_close(&loop.folder, status);
    snas_arena_destroy(loop.scratch);
    snas_arena_destroy(loop.mem);
    return status;
}

snas_status snas_loop_start(const snas_loop_task *task, const snas_config *config, const snas_run_options *options,
                            const void *request)
{
    return run(task, config, options, request, start);
}

snas_status snas_loop_resume(const snas_loop_task *task, const snas_config *config, const snas_run_options *options)
{
    return run(task, config, options, NULL, resume);
}
