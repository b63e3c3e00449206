/* pulse.c -- whether there is news: the status of every run, how long its figures are, whether it is worked on. */
#include <inttypes.h>

#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/format/safetensors.h"
#include "snas/loop/run_read.h"
#include "snas/page/page.h"
#include "snas/study/study_runs.h"

static const size_t status_most = 64;

/* What cannot be read counts as nothing: a page that is made then says why. */
static snas_status add_run(snas_text *to, const char *folder)
{
    static const char *const files[] = {"metrics.jsonl", "timing.jsonl"};
    snas_bytes word;
    const char *status = snas_format(to->mem, "%s/STATUS", folder);
    SNAS_TRY(snas_taken(status));
    if (snas_file_read(to->mem, status, status_most, &word) == SNAS_OK) {
        snas_text_add_bytes(to, word.data, word.size);
    } else {
        snas_error_clear();
    }
    for (int i = 0; i < 2; i++) {
        const char *path = snas_format(to->mem, "%s/%s", folder, files[i]);
        SNAS_TRY(snas_taken(path));
        snas_text_add(to, "%" PRId64 " ", snas_file_size(path));
    }
    snas_text_add(to, "%d\n", snas_run_is_worked_on(folder));
    return SNAS_OK;
}

static snas_status add_study_run(snas_text *to, const snas_study_folder *folder, const snas_study_run *run)
{
    const char *search, *train;
    SNAS_TRY(snas_study_run_folders(to->mem, folder, run, &search, &train));
    SNAS_TRY(search == NULL ? SNAS_OK : add_run(to, search));
    return train == NULL ? SNAS_OK : add_run(to, train);
}

static snas_status add_study(snas_text *to, const char *path)
{
    snas_study study;
    snas_study_folder folder;
    snas_study_run *runs;
    int count;
    SNAS_TRY(snas_study_reopen(to->mem, path, &study, &folder));
    SNAS_TRY(snas_study_runs(to->mem, &study, &runs, &count));
    for (int i = 0; i < count; i++) {
        SNAS_TRY(add_study_run(to, &folder, &runs[i]));
    }
    snas_text_add(to, "%d\n", snas_study_is_worked_on(path));
    return SNAS_OK;
}

snas_status snas_page_pulse(snas_arena *mem, const char *const *folders, int count, uint32_t *out)
{
    snas_text text = snas_text_make(mem);
    for (int i = 0; i < count; i++) {
        SNAS_TRY(snas_study_is_in(folders[i]) ? add_study(&text, folders[i]) : add_run(&text, folders[i]));
    }
    SNAS_TRY(snas_text_done(&text));
    *out = snas_crc32c(0, text.data, text.size);
    return SNAS_OK;
}
