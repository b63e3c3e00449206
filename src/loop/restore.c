/* restore.c -- a run takes up the state of its newest checkpoint. */
#include "restore.h"

#include <inttypes.h>
#include <stdio.h>

#include "retreat.h"

snas_status loop_open_metrics(snas_loop *loop, const char *sum)
{
    snas_metrics_mark mark = {.rows = loop->state.rows};
    snprintf(mark.sum.text, sizeof mark.sum.text, "%s", sum == NULL ? "" : sum);
    SNAS_TRY(snas_metrics_open(loop->mem, loop->scratch, loop->folder.path, &mark, &loop->metrics));
    loop->state.rows = loop->metrics.rows;
    return SNAS_OK;
}

static snas_status restore(snas_loop *loop, const char *path)
{
    const int64_t steps_per_epoch = loop->steps_per_epoch;
    snas_tensor_file file;
    bool same_config;
    SNAS_TRY(snas_checkpoint_read(loop->scratch, path, &file));
    SNAS_TRY(snas_checkpoint_restore(loop->scratch, &loop->checkpoint, path, &file, &same_config));
    if (loop->steps_per_epoch != steps_per_epoch) {
        return snas_fail(SNAS_E_USAGE,
                         "the checkpoint '%s' counts %" PRId64 " steps an epoch, this config %" PRId64
                         ": batch size and number of pictures must stay as they were",
                         path, loop->steps_per_epoch, steps_per_epoch);
    }
    const int64_t begun = loop->state.epoch + (loop->state.step > 0 ? 1 : 0);
    if (loop->epochs < begun) {
        return snas_fail(SNAS_E_USAGE, "'%s.epochs' is %d, allowed is %" PRId64 " and more: so many the run has begun",
                         loop->task->name, loop->epochs, begun);
    }
    SNAS_TRY(snas_unsaved_unpack(loop->scratch, &loop->unsaved, &file));
    SNAS_TRY(loop_open_metrics(loop, snas_metadata_find(&file, SNAS_METRICS_SUM_KEY)));
    if (!same_config) {
        snas_run_say(&loop->folder, SNAS_LOG_WARNING,
                     "the config differs from the one that '%s' was written under; going on with the "
                     "present one",
                     path);
    }
    return SNAS_OK;
}

static snas_status restore_newest(snas_loop *loop)
{
    const char *path;
    SNAS_TRY(snas_checkpoint_newest(loop->scratch, loop->folder.path, &path));
    if (path == NULL) {
        snas_run_say(&loop->folder, SNAS_LOG_INFO, "there is no checkpoint yet: starting from the beginning");
        return loop_open_metrics(loop, NULL);
    }
    SNAS_TRY(restore(loop, path));
    loop->checkpoint.spared = snas_checkpoint_before(loop->folder.path, loop->state.global_step);
    loop_retreat_stands(loop);
    snas_run_say(&loop->folder, SNAS_LOG_INFO, "going on from step %" PRId64, loop->state.global_step);
    return SNAS_OK;
}

/* Go on under another config than the run had: its checkpoint is of the old one, everything from now on of the new. */
static snas_status restore_and_change(snas_loop *loop)
{
    const snas_config *config = loop->config;
    if (config->changes == NULL) {
        return restore_newest(loop);
    }
    loop->checkpoint.config = config->text_before;
    SNAS_TRY(restore_newest(loop));
    loop->checkpoint.config = config->text;
    SNAS_TRY(snas_run_folder_configure(&loop->folder, config));
    snas_run_say(&loop->folder, SNAS_LOG_INFO, "the config changes: %s", config->changes);
    return SNAS_OK;
}

snas_status loop_restore(snas_loop *loop)
{
    const snas_mark mark = snas_arena_mark(loop->scratch);
    const snas_status status = restore_and_change(loop);
    snas_arena_release(loop->scratch, mark);
    return status;
}
