/* thread.h -- starting a thread that works for another one. */
#ifndef SNAS_BASE_THREAD_H
#define SNAS_BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/** Start a thread that calls run(context); the caller joins or detaches it. All signals are blocked in it but those of
 *  its own faults (SIGSEGV and the like). Its stack is 1 MiB. False when the system has no threads or memory left. */
bool snas_thread_start(void *(*run)(void *), void *context, pthread_t *out);

#endif
