/* status.c -- one recorded sentence a thread, written where a fault is seen and read where it is shown. */
#include "snas/base/status.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "snas/base/sentence.h"

static _Thread_local char sentence[SNAS_SENTENCE_BYTES];

void snas_record(const char *format, ...)
{
    /* An argument may be the old sentence itself, so the new one is formed beside it. */
    char formed[SNAS_SENTENCE_BYTES];
    va_list args;
    va_start(args, format);
    snas_sentence(formed, sizeof formed, format, args);
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

void snas_fault_keep(snas_fault *fault, snas_status status)
{
    fault->status = status;
    memcpy(fault->sentence, sentence, strlen(sentence) + 1);
}

void snas_fault_first(snas_fault *fault, snas_status status)
{
    const bool passes = fault->status == SNAS_E_IO && status != SNAS_E_IO;
    if (status != SNAS_OK && (fault->status == SNAS_OK || passes)) {
        snas_fault_keep(fault, status);
    }
}

snas_status snas_fault_again(const snas_fault *fault)
{
    if (fault->status != SNAS_OK) {
        snas_record("%s", fault->sentence);
    }
    return fault->status;
}
