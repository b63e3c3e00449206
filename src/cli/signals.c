/* signals.c -- handlers that set a flag and say so, and nothing else.
 *
 * What a handler calls is safe there: write, _exit, clock_gettime.
 */
#include "signals.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "snas/base/clock.h"

static const double SAME_REQUEST_SECONDS = 0.05; /* `timeout` and some schedulers send one request twice */

static volatile sig_atomic_t stop_flag, save_flag, listens_flag;
static volatile sig_atomic_t asked; /* a request came that a second one makes urgent */
static double asked_at;
static cli_signal_lines lines;
static const char *line_start; /* what stands before a line; NULL: say nothing */

static void say(const char *line)
{
    const int reason = errno;
    if (line_start != NULL && line != NULL) {
        (void)!write(STDERR_FILENO, line_start, strlen(line_start));
        (void)!write(STDERR_FILENO, line, strlen(line));
        (void)!write(STDERR_FILENO, "\n", 1);
    }
    errno = reason;
}

static void leave(int number, const char *line)
{
    say(line);
    _exit(128 + number);
}

/* Ask to stop, or leave when nobody listens yet. */
static void ask(int number)
{
    if (listens_flag == 0) {
        leave(number, lines.early);
    }
    say(lines.stopping);
    stop_flag = stop_flag == 0 ? number : stop_flag;
}

/* A request that may come any number of times: a closed terminal sends it from several sides. */
static void on_hangup(int number)
{
    if (stop_flag == 0) {
        ask(number);
    }
}

/* A request that a second one makes urgent. */
static void on_stop(int number)
{
    if (asked != 0 && snas_clock_seconds() - asked_at > SAME_REQUEST_SECONDS) {
        leave(number, lines.leaving);
    }
    if (asked == 0) {
        asked = 1;
        asked_at = snas_clock_seconds();
        ask(number);
    }
}

static void on_save(int number)
{
    (void)number;
    save_flag = 1;
}

static void install(int number, void (*handler)(int))
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigfillset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

/* Is the signal ignored, as nohup makes it? */
static bool is_ignored(int number)
{
    struct sigaction action;
    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

void cli_signals_ignore(void)
{
    install(SIGXFSZ, SIG_IGN);
}

void cli_signals_install(const cli_session *session, cli_signal_lines said)
{
    lines = said;
    line_start = session->quiet ? NULL : session->terminal ? "\r\033[K" : "";
    install(SIGINT, on_stop);
    install(SIGTERM, on_stop);
    install(SIGXCPU, on_hangup); /* comes once a second after the limit */
    if (!is_ignored(SIGHUP)) {
        install(SIGHUP, on_hangup);
    }
    install(SIGUSR1, on_save);
    install(SIGPIPE, SIG_IGN); /* a reader that leaves does not end a long run */
}

volatile sig_atomic_t *cli_signal_stop(void)
{
    return &stop_flag;
}

volatile sig_atomic_t *cli_signal_save(void)
{
    return &save_flag;
}

volatile sig_atomic_t *cli_signal_listens(void)
{
    return &listens_flag;
}
