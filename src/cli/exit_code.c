/* exit_code.c -- the exit code of every status.
 *
 * Which status a fault has is said where it is seen, by these rules:
 *
 *   USAGE     what the caller asks for: arguments, environment, a config (also a run's config.json); a request that
 *             does not fit what it names (weights of other classes, a run of another command)
 *   DATA      what stands in a file or a data set: a picture, weights, a genotype, a case; pictures that are missing
 *   IO        a file or folder that cannot be opened, read or written; what a run has saved of itself: a checkpoint,
 *             its figures, env.json, the list of its pictures
 *   NUMERIC   numbers that are not finite: a run that diverges, weights that hold a NaN
 *   FAILED    what none of them names: another process is at the run, a library is missing, verify disagrees
 */
#include "exit_code.h"

#include <signal.h>
#include <stddef.h>

static const int CODES[SNAS_STATUS_COUNT] = {
    [SNAS_OK] = 0,     [SNAS_E_FAILED] = 1, [SNAS_E_MEMORY] = 1,  [SNAS_E_USAGE] = 2,
    [SNAS_E_DATA] = 3, [SNAS_E_IO] = 4,     [SNAS_E_NUMERIC] = 5, [SNAS_E_INTERRUPTED] = 128 + SIGINT,
};

const cli_exit_meaning cli_exit_meanings[] = {
    {0, "done"},
    {1, "failed"},
    {2, "usage or config"},
    {3, "data or a file's format"},
    {4, "reading or writing, a checkpoint"},
    {5, "diverged"},
    {128 + SIGHUP, "interrupted by a closed terminal; the state of a run is saved"},
    {128 + SIGINT, "interrupted by Ctrl-C; likewise"},
    {128 + SIGTERM, "interrupted by SIGTERM; likewise"},
    {0, NULL},
};

int cli_exit_code(snas_status status, int signal)
{
    return status == SNAS_E_INTERRUPTED && signal != 0 ? 128 + signal : CODES[status];
}

snas_status cli_exit_status(int code)
{
    snas_status found = SNAS_E_FAILED;
    for (int status = SNAS_E_FAILED; status < SNAS_STATUS_COUNT; status++) {
        if (CODES[status] == code && code != CODES[SNAS_E_FAILED]) {
            found = (snas_status)status;
        }
    }
    return found;
}
