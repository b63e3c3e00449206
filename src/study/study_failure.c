/* study_failure.c -- why a run of a study failed: the last sentence of its log that the program itself wrote. */
#include "study_failure.h"

#include <stdio.h>
#include <string.h>

#include "snas/base/file.h"
#include "snas/base/text.h"
#include "study_steps.h"

static const size_t log_most = (size_t)1 << 24;
static const char BEGINNING[] = "snas: "; /* of what `cli` says when it fails */

/* Where the last line that begins so has its sentence; NULL: nowhere. */
static const char *last_sentence(const char *log)
{
    const char *found = NULL;
    for (const char *at = log; at != NULL && *at != 0; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (snas_starts(at, BEGINNING)) {
            found = at + strlen(BEGINNING);
        }
    }
    return found;
}

/* The sentence and the lines that belong to it, on one line. */
static void copy(const char *from, char *to)
{
    size_t size = 0;
    for (; *from != 0 && size + 3 < STUDY_FAILURE_BYTES; from++) {
        if (*from != '\n') {
            to[size++] = *from;
        } else if (from[1] != 0) {
            to[size++] = ';';
            to[size++] = ' ';
        }
    }
    to[size] = 0;
}

void study_failure(snas_arena *mem, const snas_study_folder *folder, const snas_study_run *run,
                   const snas_process_state *how, char *to)
{
    const snas_mark mark = snas_arena_mark(mem);
    snas_bytes log;
    const char *path = study_log_path(mem, folder, run), *sentence = NULL;
    if (how->signal == 0 && path != NULL && snas_file_read(mem, path, log_most, &log) == SNAS_OK) {
        sentence = last_sentence(log.data);
    }
    if (sentence != NULL) {
        copy(sentence, to);
    } else if (how->signal != 0) {
        snprintf(to, STUDY_FAILURE_BYTES, "its process was ended by signal %d (%s)", how->signal,
                 strsignal(how->signal));
    } else {
        snprintf(to, STUDY_FAILURE_BYTES, "its process ended with code %d", how->code);
    }
    snas_error_clear();
    snas_arena_release(mem, mark);
}

void study_failure_forget(snas_arena *mem, const snas_study_folder *folder, const snas_study_run *run)
{
    const snas_mark mark = snas_arena_mark(mem);
    const char *path = study_log_path(mem, folder, run);
    if (path != NULL && snas_file_size(path) == 0) {
        (void)!snas_file_remove(path);
    }
    snas_error_clear();
    snas_arena_release(mem, mark);
}
