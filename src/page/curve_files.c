/* curve_files.c -- the curves of a run's page as pictures of their own, a file a chart. */
#include "page_parts.h"
#include "snas/base/text.h"
#include "snas/page/page.h"

typedef struct {
    snas_arena *mem;
    const char *stem, *ending;
    int count;
} curve_saver;

static char file_letter(char c)
{
    const bool upper = c >= 'A' && c <= 'Z';
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    return upper ? (char)(c - 'A' + 'a') : plain ? c : '-';
}

/* "Loss of the child" as a part of a file's name: "loss-of-the-child". */
static void name_file(const char *title, char *to, size_t size)
{
    size_t i = 0;
    for (; title[i] != 0 && i + 1 < size; i++) {
        to[i] = file_letter(title[i]);
    }
    to[i] = 0;
}

static snas_status save_chart(void *context, const char *title, snas_drawing drawing)
{
    curve_saver *saver = context;
    char name[64];
    name_file(title, name, sizeof name);
    const char *path = snas_format(saver->mem, "%s-%s%s", saver->stem, name, saver->ending);
    SNAS_TRY(snas_taken(path));
    SNAS_TRY(snas_drawing_save(saver->mem, drawing, path));
    saver->count++;
    return SNAS_OK;
}

snas_status snas_page_curves_save(snas_arena *mem, const char *folder, const char *stem, const char *ending, int *count)
{
    page_run run;
    snas_text unused = snas_text_make(mem);
    curve_saver saver = {.mem = mem, .stem = stem, .ending = ending};
    page_writer w = {.mem = mem, .text = &unused, .m = snas_markup_make(&unused, ""), .chart = save_chart};
    w.scope = "";
    w.context = &saver;
    SNAS_TRY(page_run_read(mem, folder, &run));
    if (run.record.row_count == 0) {
        return snas_fail(SNAS_E_FAILED, "the run '%s' has no curve yet: no epoch has ended", folder);
    }
    const snas_status status = page_curves(&w, &run);
    *count = saver.count;
    return status;
}
