/* status.c -- one recorded sentence a thread, written where a fault is seen and read where it is shown. */
#include "snas/base/status.h"

#include <stdarg.h>
#include <stdio.h>

enum { SENTENCE_BYTES = 8192 };
static _Thread_local char sentence[SENTENCE_BYTES];

void snas_record(const char *format, ...)
{
    /* An argument may be the old sentence itself, so the new one is formed beside it. */
    char formed[SENTENCE_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(formed, sizeof formed, format, args);
    va_end(args);
    snprintf(sentence, sizeof sentence, "%s", formed);
}

const char *snas_error(void)
{
    return sentence;
}

void snas_error_clear(void)
{
    sentence[0] = '\0';
}
