/* design_execute.c -- one command of a design as a process of this program, until it ends.
 *
 * It speaks where this program does, and is asked to stop when this one is. What it prints as a result goes to a hidden
 * file, which takes its place when the process has ended well. It keeps design.lock open: nobody goes on with the
 * design while it still saves.
 */
#include <string.h>
#include <time.h>

#include "design_parts.h"
#include "snas/base/file.h"
#include "snas/base/text.h"

enum { LOOK_NANOSECONDS = 20 * 1000 * 1000, OPTIONS_MOST = 5 };
static const size_t output_most = (size_t)1 << 26;

bool design_is_stopped(const design_work *work)
{
    return work->options->stop != NULL && *work->options->stop != 0;
}

/* Wait for its end; a request to stop is passed on once. */
static snas_status wait_for(const design_work *work, pid_t pid, snas_process_state *how)
{
    const struct timespec pause = {.tv_nsec = LOOK_NANOSECONDS};
    bool asked = false;
    for (;;) {
        SNAS_TRY(snas_process_look(pid, how));
        if (how->ended) {
            return SNAS_OK;
        }
        if (!asked && design_is_stopped(work)) {
            asked = true;
            snas_process_stop(pid);
        }
        (void)nanosleep(&pause, NULL);
    }
}

static snas_status judge(const design_work *work, const snas_design_command *command, const snas_process_state *how)
{
    if (how->code == 0 && how->signal == 0) {
        return SNAS_OK;
    }
    if (design_is_stopped(work) || how->code > 128) { /* 128 + the signal that it was stopped by */
        return snas_fail(SNAS_E_INTERRUPTED, "stopped in the stage '%s'", command->stage);
    }
    *work->outcome = (snas_design_outcome){.code = how->code, .signal = how->signal};
    return how->signal != 0 ? snas_fail(SNAS_E_FAILED, "the process of the stage '%s' was ended by signal %d (%s)",
                                        command->stage, how->signal, strsignal(how->signal))
                            : snas_fail(SNAS_E_FAILED, "the stage '%s' failed", command->stage);
}

snas_status design_execute(const design_work *work, const snas_design_command *command)
{
    const snas_design_options *o = work->options;
    const char *arguments[SNAS_DESIGN_WORDS_MAX + OPTIONS_MOST], *output = o->quiet ? "/dev/null" : NULL;
    const char *const said[] = {"--as-stage", o->quiet ? "--quiet" : "", o->verbose ? "--verbose" : "",
                                o->no_color ? "--no-color" : ""};
    int count = command->count;
    pid_t pid;
    snas_process_state how;
    memcpy(arguments, command->words, (size_t)count * sizeof *arguments);
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
        if (said[i][0] != 0) {
            arguments[count++] = said[i];
        }
    }
    arguments[count] = NULL;
    if (command->output != NULL) {
        output = snas_format(work->mem, "%s/.%s.tmp", work->design->path, command->stage);
        SNAS_TRY(snas_taken(output));
    }
    if (o->begins != NULL) {
        o->begins(o->context, command);
    }
    const snas_process_request request = {.program = SNAS_PROCESS_SELF,
                                          .arguments = arguments,
                                          .output = output,
                                          .says = true,
                                          .kept = work->design->lock};
    SNAS_TRY(snas_process_start(&request, &pid));
    SNAS_TRY(wait_for(work, pid, &how));
    SNAS_TRY(judge(work, command, &how));
    return command->output == NULL ? SNAS_OK : snas_file_settle(work->mem, output, command->output, output_most);
}
