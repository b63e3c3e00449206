/* retreat.c -- which checkpoint a run that has diverged goes back to.
 *
 * A rate that is too high may go on for many steps in finite numbers, each worse than the one before. The checkpoints
 * of that time are whole, and there is nothing to be gained from them at any rate. So a checkpoint has to show that it
 * is sound: the first step that starts from it must find a mean loss of
 *
 *      L <= 4 a log(classes)          log(classes): of a network that guesses; a: weights of the losses in L, summed
 *
 * The newest sound one is spared from being removed, however many come after it, and LATEST names it when the run
 * diverges. Before there is any the run goes back to its beginning: LATEST names step 0, which has no file.
 */
#include "retreat.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

enum { SOUND_TIMES = 4 };

static const double USUAL_RATE = 0.025; /* the published one */

void loop_retreat_stands(snas_loop *loop)
{
    loop->unjudged = loop->state.global_step;
}

/* What is no longer spared goes when it is old. A fault is told, and made good by the next checkpoint. */
static void spare(snas_loop *loop, int64_t step, int64_t newest)
{
    const snas_mark mark = snas_arena_mark(loop->scratch);
    loop->checkpoint.spared = step;
    if (snas_checkpoint_prune(loop->scratch, &loop->checkpoint, newest) != SNAS_OK) {
        snas_run_say(&loop->folder, SNAS_LOG_WARNING, "could not remove an old checkpoint: %s", snas_error());
    }
    snas_arena_release(loop->scratch, mark);
}

void loop_retreat_judge(snas_loop *loop, double loss)
{
    const int64_t step = loop->unjudged;
    loop->unjudged = -1;
    if (step >= 0 && loss <= SOUND_TIMES * loop->loss_weights * log(loop->dataset->classes)) {
        spare(loop, step, step);
    }
}

void loop_retreat_over(snas_loop *loop)
{
    spare(loop, -1, loop->state.global_step);
}

snas_status loop_retreat(snas_loop *loop)
{
    char why[2048];
    const char *name = NULL;
    snprintf(why, sizeof why, "the run diverged at step %" PRId64 " (epoch %" PRId64 "): %s", loop->state.global_step,
             loop->state.epoch + 1, snas_error());
    const snas_mark mark = snas_arena_mark(loop->scratch);
    const snas_status status = snas_checkpoint_go_back(loop->scratch, &loop->checkpoint, &name);
    if (status != SNAS_OK) {
        snas_record("%s; and LATEST could not be set to the checkpoint of step %" PRId64 ": %s", why,
                    loop->checkpoint.spared, snas_error());
    } else {
        snas_record("%s; %s%s%s with a lower learning rate: snas %s --resume %s --set %s.weights.rate=%g", why,
                    name == NULL ? "to begin again" : "to go back to 'checkpoints/", name == NULL ? "" : name,
                    name == NULL ? "" : "'", loop->task->name, loop->folder.path, loop->task->name,
                    fmin(loop->first_rate / 10.0, USUAL_RATE));
    }
    snas_arena_release(loop->scratch, mark);
    return SNAS_E_NUMERIC;
}
