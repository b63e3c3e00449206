/* thread.h -- starting a thread that works for another one. */
#ifndef SNAS_BASE_THREAD_H
#define SNAS_BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/** Have run(context) called by a new thread, which is to be joined or detached. It leaves all signals to the thread
 *  that knows what to do with them, but for those of its own faults. Its stack is 1 MiB. False when the system gives no
 *  more threads or no memory for one. */
bool snas_thread_start(void *(*run)(void *), void *context, pthread_t *out);

#endif
