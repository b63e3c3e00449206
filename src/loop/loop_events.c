/* loop_events.c -- the event files of a loop: where its run stands when they are opened, and which pictures it has. */
#include "loop_events.h"

#include "snas/comm/comm.h"

static snas_status open(snas_loop *loop)
{
    const snas_events_start start = {.folder = loop->folder.path,
                                     .config = loop->config->text,
                                     .has_changed = loop->config->changes != NULL,
                                     .step = loop->state.global_step,
                                     .rows = loop->metrics.files[0].text.data};
    SNAS_TRY(snas_events_open(loop->mem, loop->scratch, &start, &loop->events));
    return snas_events_save(&loop->events);
}

snas_status loop_events_open(snas_loop *loop)
{
    if (snas_comm_rank() > 0) {
        return SNAS_OK;
    }
    if (!loop->config->tensorboard) {
        return SNAS_OK;
    }
    const snas_mark mark = snas_arena_mark(loop->scratch);
    const snas_status status = open(loop);
    snas_arena_release(loop->scratch, mark);
    if (status == SNAS_OK || status == SNAS_E_MEMORY) {
        return status;
    }
    snas_run_say(&loop->folder, SNAS_LOG_WARNING, "event files of TensorBoard: %s", snas_error());
    snas_error_clear();
    return SNAS_OK;
}

snas_status snas_loop_show(snas_loop *loop, const char *kind, const char *what)
{
    const char *tag = snas_format(loop->scratch, "%s/%s", kind, what);
    const char *path = snas_format(loop->scratch, "%s/%s_%s.png", loop->folder.path, kind, what);
    SNAS_TRY(snas_taken(tag));
    SNAS_TRY(snas_taken(path));
    return snas_events_picture(loop->scratch, &loop->events, tag, path);
}

/* The pictures are those of the last row only where an epoch has just ended. */
snas_status loop_events_show(snas_loop *loop)
{
    if (!loop->events.shows || loop->task->show == NULL || loop->state.step > 0) {
        return SNAS_OK;
    }
    loop->events.shows = false;
    const snas_mark mark = snas_arena_mark(loop->scratch);
    const snas_status status = loop->task->show(loop);
    snas_arena_release(loop->scratch, mark);
    return status;
}
