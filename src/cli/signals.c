/* signals.c -- handlers that set a flag and nothing else. */
#include "signals.h"

#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t stop_flag, save_flag;

static void on_stop(int number)
{
    if (stop_flag != 0) {
        _exit(128 + number);
    }
    stop_flag = number;
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
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

void cli_signals_install(void)
{
    install(SIGINT, on_stop);
    install(SIGTERM, on_stop);
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
