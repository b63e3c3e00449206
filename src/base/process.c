/* process.c -- a process is forked, sets itself up and becomes the other program; what fails there is told by a pipe.
 *
 * Between fork and exec only calls are made that are safe after a fork of a program with threads. The pipe closes by
 * itself when exec succeeds, so who reads it knows the end of the start; else the child writes errno and ends.
 */
#include "snas/base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "snas/base/text.h"

/* --- in the child, before it is another program ------------------------------------------------------------------- */

static void default_signals(const sigset_t *mask)
{
    static const int handled[] = {SIGINT, SIGTERM, SIGHUP, SIGXCPU, SIGUSR1};
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_DFL;
    for (size_t i = 0; i < sizeof handled / sizeof handled[0]; i++) {
        struct sigaction before;
        if (sigaction(handled[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
            (void)sigaction(handled[i], &action, NULL);
        }
    }
    (void)sigprocmask(SIG_SETMASK, mask, NULL);
}

/* Let descriptor `to` be the file; nothing is read from there, or kept, without one. */
static bool redirect(const char *path, int flags, int to)
{
    const int fd = open(path == NULL ? "/dev/null" : path, flags, 0666);
    const bool done = fd >= 0 && dup2(fd, to) == to;
    if (fd >= 0 && fd != to) {
        (void)close(fd);
    }
    return done;
}

static bool keep(int fd)
{
    return fd < 0 || fcntl(fd, F_SETFD, 0) == 0;
}

/* Stop with the parent, also when it has died since the fork. */
static bool stop_with(pid_t parent)
{
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0) {
        return false;
    }
    if (getppid() != parent) {
        errno = ECANCELED;
        return false;
    }
    return true;
}

/* argv of exec is not const by an old custom only. */
static char *const *words(const char *const *arguments)
{
    union {
        const char *const *from;
        char *const *to;
    } cast = {.from = arguments};
    return cast.to;
}

/* Where its standard output and error go. */
static bool place_output(const snas_process_request *request)
{
    static const int append = O_WRONLY | O_CREAT | O_APPEND, anew = O_WRONLY | O_CREAT | O_TRUNC;
    const bool named = request->output != NULL;
    if (request->says && !named) {
        return dup2(STDERR_FILENO, STDOUT_FILENO) == STDOUT_FILENO;
    }
    return redirect(request->output, named ? anew : O_WRONLY, STDOUT_FILENO) &&
           (request->says || redirect(request->log, request->log == NULL ? O_WRONLY : append, STDERR_FILENO));
}

static void become(const snas_process_request *request, pid_t parent, const sigset_t *mask, int report)
{
    default_signals(mask);
    if (setpgid(0, 0) == 0 && stop_with(parent) && keep(request->kept) && redirect(NULL, O_RDONLY, STDIN_FILENO) &&
        place_output(request)) {
        (void)execv(request->program, words(request->arguments));
    }
    const int reason = errno;
    (void)!write(report, &reason, sizeof reason);
    (void)raise(SIGKILL); /* without what a regular end would do for the parent: flush its files, say */
}

/* --- in the parent ------------------------------------------------------------------------------------------------ */

/* errno of what kept the child from becoming the program; 0: nothing did. */
static int read_report(int fd)
{
    int reason = 0;
    ssize_t got;
    do {
        got = read(fd, &reason, sizeof reason);
    } while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof reason ? reason : 0;
}

static pid_t wait_for(pid_t pid, int *how, int flags)
{
    pid_t found;
    do {
        found = waitpid(pid, how, flags);
    } while (found < 0 && errno == EINTR);
    return found;
}

/* Fork with all signals held back: the child has its own answers to them before one reaches it. */
static pid_t forked(const snas_process_request *request, int report)
{
    sigset_t all, before;
    const pid_t parent = getpid();
    sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, &before);
    const pid_t pid = fork();
    if (pid == 0) {
        become(request, parent, &before, report);
    }
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    return pid;
}

static pid_t call_start(const snas_process_request *request)
{
    int ends[2];
    if (pipe(ends) != 0) {
        return -1;
    }
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    const pid_t pid = forked(request, ends[1]);
    int reason = pid < 0 ? errno : 0;
    (void)close(ends[1]);
    if (pid > 0) {
        reason = read_report(ends[0]);
    }
    (void)close(ends[0]);
    if (reason == 0) {
        return pid;
    }
    if (pid > 0) {
        (void)wait_for(pid, NULL, 0);
    }
    errno = reason;
    return -1;
}

static pid_t call_wait(pid_t pid, int *how)
{
    return wait_for(pid, how, WNOHANG);
}

snas_process_table snas_processes = {.start = call_start, .wait = call_wait, .signal = kill};

snas_status snas_process_start(const snas_process_request *request, pid_t *out)
{
    *out = snas_processes.start(request);
    return *out > 0 ? SNAS_OK
                    : snas_fail(SNAS_E_FAILED, "cannot start '%s': %s", request->arguments[0], strerror(errno));
}

snas_status snas_process_look(pid_t pid, snas_process_state *out)
{
    int how = 0;
    const pid_t found = snas_processes.wait(pid, &how);
    *out = (snas_process_state){0};
    if (found < 0) {
        return snas_fail(SNAS_E_FAILED, "cannot wait for process %ld: %s", (long)pid, strerror(errno));
    }
    out->ended = found == pid;
    if (out->ended && WIFSIGNALED(how)) {
        out->signal = WTERMSIG(how);
    } else if (out->ended) {
        out->code = WEXITSTATUS(how);
    }
    return SNAS_OK;
}

void snas_process_stop(pid_t pid)
{
    (void)snas_processes.signal(pid, SIGTERM);
}
