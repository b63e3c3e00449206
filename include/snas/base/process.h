/* process.h -- processes that this one starts, waits for and asks to stop, through one table of system calls.
 *
 * A process is started without a shell, from a list of arguments. It has a process group of its own, so that Ctrl-C
 * reaches it only through the one that started it, and is asked to stop (SIGTERM) when that one dies. Its standard
 * input is empty.
 */
#ifndef SNAS_BASE_PROCESS_H
#define SNAS_BASE_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "snas/base/status.h"

/** This program once more. */
#define SNAS_PROCESS_SELF "/proc/self/exe"

typedef struct {
    const char *program;          /* path of the file */
    const char *const *arguments; /* [0] is the name it goes by; ends with NULL */
    const char *output;           /* file that its standard output makes anew; NULL: it goes nowhere */
    const char *log;              /* file that its standard error is appended to; NULL: it goes nowhere */
    bool says;                    /* its standard error is this program's own, and its standard output too where no
                                     file is named */
    int kept;                     /* descriptor that it keeps open until it ends; -1: none */
} snas_process_request;

typedef struct {
    pid_t (*start)(const snas_process_request *request); /* -1 with errno */
    pid_t (*wait)(pid_t pid, int *how); /* 0: it goes on; pid: it has ended, *how as waitpid gives it */
    int (*signal)(pid_t pid, int number);
} snas_process_table;
extern snas_process_table snas_processes;

/** Start it. SNAS_E_FAILED with a sentence when the system does not. */
SNAS_MUST_CHECK snas_status snas_process_start(const snas_process_request *request, pid_t *out);

/** How a process stands. */
typedef struct {
    bool ended;
    int code;   /* it exited with this */
    int signal; /* or was ended by this; 0: it was not */
} snas_process_state;

/** Look, without waiting. SNAS_E_FAILED when the system does not know the process. */
SNAS_MUST_CHECK snas_status snas_process_look(pid_t pid, snas_process_state *out);

/** Ask it to stop in order (SIGTERM). One that has ended is left alone. */
void snas_process_stop(pid_t pid);

#endif
