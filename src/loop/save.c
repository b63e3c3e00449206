/* save.c -- what a run writes, when, and what becomes of a write that fails.
 *
 * Every file of a save is tried, whatever fails, and what failed is tried again at the next save: figures are in memory
 * whole, weights are kept (unsaved.h). One file depends on another: a checkpoint counts rows of figures, so it is not
 * written without them. A run whose checkpoints cannot be written ends after three saves; one that only cannot write
 * some of its results goes on, and says so at its end.
 */
#include "save.h"

#include <inttypes.h>

#include "loop_events.h"
#include "retreat.h"
#include "snas/comm/comm.h"

enum { FAILED_SAVES_MAX = 3 };

/* --- the parts of a save ------------------------------------------------------------------------------------------ */

static snas_status write_checkpoint(snas_loop *loop)
{
    snas_tensor_file unsaved;
    SNAS_TRY(snas_unsaved_pack(loop->scratch, &loop->unsaved, &unsaved));
    loop->checkpoint.extra = &unsaved;
    loop->checkpoint.sum = snas_metrics_sum_of(&loop->metrics);
    const snas_status status = snas_checkpoint_save(loop->scratch, &loop->checkpoint, loop->state.global_step);
    loop->checkpoint.extra = NULL;
    return status;
}

static snas_status save_checkpoint(snas_loop *loop)
{
    const snas_mark mark = snas_arena_mark(loop->scratch);
    const snas_status status = write_checkpoint(loop);
    snas_arena_release(loop->scratch, mark);
    loop->stands = status == SNAS_OK;
    if (loop->stands) {
        loop_retreat_stands(loop);
    }
    return status;
}

static snas_status retry(snas_loop *loop)
{
    const snas_mark mark = snas_arena_mark(loop->scratch);
    const snas_status status = snas_unsaved_retry(loop->scratch, &loop->unsaved, loop->folder.path);
    snas_arena_release(loop->scratch, mark);
    return status;
}

snas_status snas_loop_save_tensors(snas_loop *loop, const char *name, const snas_tensor_file *file)
{
    return snas_unsaved_write(loop->scratch, &loop->unsaved, loop->folder.path, name, file);
}

/* --- saves -------------------------------------------------------------------------------------------------------- */

/* Figures, what is left from before, the task's results where the epoch has just ended, events, a checkpoint. */
typedef struct {
    bool results, checkpoint;
} parts;

static snas_status save(snas_loop *loop, parts what)
{
    snas_fault first = {0};
    loop->stands = !what.checkpoint; /* then the one before does */
    const snas_status figures = snas_metrics_save(&loop->metrics);
    snas_fault_first(&first, figures);
    snas_fault_first(&first, retry(loop));
    if (what.results) {
        const snas_status results = loop->task->save(loop);
        snas_fault_first(&first, results);
        snas_fault_first(&first, results == SNAS_OK ? loop_events_show(loop) : SNAS_OK);
    }
    snas_fault_first(&first, snas_events_save(&loop->events));
    if (what.checkpoint && figures == SNAS_OK) {
        snas_fault_first(&first, save_checkpoint(loop));
    }
    return snas_fault_again(&first);
}

snas_status loop_save_epoch(snas_loop *loop)
{
    return save(loop, (parts){.results = true, .checkpoint = true});
}

snas_status loop_save_results(snas_loop *loop)
{
    return save(loop, (parts){.results = true});
}

/* Figures and results are on disk already, unless a save before has failed. */
snas_status loop_save_step(snas_loop *loop)
{
    return loop->behind ? save(loop, (parts){.checkpoint = true}) : save_checkpoint(loop);
}

/* --- faults ------------------------------------------------------------------------------------------------------- */

/* What the process that writes makes of a save. */
static snas_status survive(snas_loop *loop, snas_status saved)
{
    if (saved == SNAS_OK) {
        loop->behind = false;
        loop->failed_saves = 0;
        return SNAS_OK;
    }
    if (saved != SNAS_E_IO) {
        return saved;
    }
    if (loop->stands) {
        if (!loop->behind) {
            snas_run_say(&loop->folder, SNAS_LOG_WARNING,
                         "step %" PRId64 " is saved, but not all of its results, going on and trying again: %s",
                         loop->state.global_step, snas_error());
        }
        loop->behind = true;
        loop->failed_saves = 0;
        return SNAS_OK;
    }
    loop->behind = true;
    loop->failed_saves++;
    if (loop->failed_saves >= FAILED_SAVES_MAX) {
        return snas_fail(
            SNAS_E_IO,
            "could not save the run %d times in a row; the last fault: %s\nwhen it can be written again, go "
            "on with 'snas %s --resume %s'",
            loop->failed_saves, snas_error(), loop->task->name, loop->folder.path);
    }
    snas_run_say(&loop->folder, SNAS_LOG_WARNING, "could not save the run at step %" PRId64 ", going on: %s",
                 loop->state.global_step, snas_error());
    return SNAS_OK;
}

snas_status loop_save_survive(snas_loop *loop, snas_status saved)
{
    return snas_comm_agree(survive(loop, saved));
}

static snas_status save_stop(snas_loop *loop)
{
    const snas_status saved = loop_save_step(loop);
    if (saved == SNAS_E_IO && loop->stands) {
        snas_run_say(&loop->folder, SNAS_LOG_WARNING,
                     "not all results could be written; the run writes them when it goes on: %s", snas_error());
        return SNAS_OK;
    }
    return saved;
}

snas_status loop_save_stop(snas_loop *loop)
{
    return snas_comm_agree(save_stop(loop));
}

static snas_status save_end(snas_loop *loop)
{
    const snas_status saved = loop->behind ? loop_save_epoch(loop) : SNAS_OK;
    return saved != SNAS_E_IO
               ? saved
               : snas_fail(
                     SNAS_E_IO,
                     "the run has come to its end, but not all of it could be written: %s\nwhen it can be, 'snas %s "
                     "--resume %s' writes it",
                     snas_error(), loop->task->name, loop->folder.path);
}

snas_status loop_save_end(snas_loop *loop)
{
    return snas_comm_agree(save_end(loop));
}

void loop_save_leave(snas_loop *loop, snas_status result)
{
    snas_fault fault;
    snas_fault_keep(&fault, result);
    const bool left = loop->behind && result != SNAS_E_INTERRUPTED;
    if (left && loop->unsaved.count > 0 && retry(loop) != SNAS_OK) {
        for (int i = 0; i < loop->unsaved.count; i++) {
            snas_run_say(&loop->folder, SNAS_LOG_WARNING, "'%s.safetensors' could not be written: %s%s",
                         loop->unsaved.files[i].name, snas_error(),
                         loop->stands ? "; the checkpoint holds it, for when the run goes on" : "; it is lost");
        }
    }
    snas_unsaved_drop(&loop->unsaved);
    (void)!snas_fault_again(&fault);
}
