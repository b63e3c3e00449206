/* thread.c -- a thread inherits the mask of whoever starts it, so signals are held back around the start. */
#include "snas/base/thread.h"

#include <signal.h>

/* The deepest call chain takes a twentieth of it. The default, 8 MiB, is dear where address space is limited. */
enum { STACK_BYTES = 1024 * 1024 };

/* Signals that a thread's own instructions raise: to hold them back would kill the process without a word of a
 * debugger's or a sanitizer's handler. */
static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT};

static void hold_signals_back(sigset_t *before)
{
    sigset_t held;
    sigfillset(&held);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        sigdelset(&held, faults[i]);
    }
    pthread_sigmask(SIG_SETMASK, &held, before);
}

bool snas_thread_start(void *(*run)(void *), void *context, pthread_t *out)
{
    pthread_attr_t attributes;
    sigset_t before;
    if (pthread_attr_init(&attributes) != 0) {
        return false;
    }
    hold_signals_back(&before);
    const bool started =
        pthread_attr_setstacksize(&attributes, STACK_BYTES) == 0 && pthread_create(out, &attributes, run, context) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&attributes);
    return started;
}
