/* log.c -- messages formed here, and shown by whoever set the sink. One lock keeps them whole. */
#include "snas/base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>

#include "snas/base/sentence.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static snas_log_sink current_sink;
static void *current_context;

void snas_log_to(snas_log_sink sink, void *context)
{
    pthread_mutex_lock(&lock);
    current_sink = sink;
    current_context = context;
    pthread_mutex_unlock(&lock);
}

void snas_log(snas_log_level level, const char *format, ...)
{
    char message[2048];
    va_list args;
    va_start(args, format);
    snas_sentence(message, sizeof message, format, args);
    va_end(args);
    pthread_mutex_lock(&lock);
    if (current_sink != NULL) {
        current_sink(current_context, level, message);
    }
    pthread_mutex_unlock(&lock);
}
