/* class_names.c -- the classes of a data set against those that a network was trained on: both lists sorted, then
 * walked side by side.
 */
#include "snas/learn/class_names.h"

#include <stdlib.h>
#include <string.h>

#include "snas/base/text.h"

/* A name as JSON writes it, and where it stands in its list. */
typedef struct {
    const char *form;
    int place;
} entry;

static int compare(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    const int order = strcmp(x->form, y->form);
    return order != 0 ? order : (x->place > y->place) - (x->place < y->place);
}

static snas_status sort(snas_arena *mem, const char *const *names, int classes, entry **out)
{
    entry *sorted;
    SNAS_NEW(mem, sorted, classes);
    for (int k = 0; k < classes; k++) {
        snas_text text = snas_text_make(mem);
        snas_text_add_json(&text, names[k]);
        SNAS_TRY(snas_text_done(&text));
        sorted[k] = (entry){text.data, k};
    }
    qsort(sorted, (size_t)classes, sizeof *sorted, compare);
    *out = sorted;
    return SNAS_OK;
}

/* The smaller of two places, of which -1 is none. */
static int earlier(int place, int other)
{
    return place < 0 || other < place ? other : place;
}

snas_status snas_class_names_match(snas_arena *mem, const snas_class_lists *lists, snas_class_match *out)
{
    const int classes = lists->classes;
    entry *known, *found;
    *out = (snas_class_match){.same = true, .stranger = -1, .lacking = -1};
    SNAS_NEW(mem, out->map, classes);
    SNAS_TRY(sort(mem, lists->known, classes, &known));
    SNAS_TRY(sort(mem, lists->found, classes, &found));
    for (int i = 0, j = 0; i < classes || j < classes;) {
        const int order = i == classes ? 1 : j == classes ? -1 : strcmp(known[i].form, found[j].form);
        if (order < 0) {
            out->lacking = earlier(out->lacking, known[i++].place);
            continue;
        }
        const int place = found[j++].place;
        out->map[place] = order == 0 ? known[i++].place : -1;
        out->same &= out->map[place] == place;
        out->stranger = order == 0 ? out->stranger : earlier(out->stranger, place);
    }
    return SNAS_OK;
}

snas_status snas_class_names_write(snas_arena *mem, const char *const *names, int classes, const char **out)
{
    *out = NULL;
    if (names == NULL) {
        return SNAS_OK;
    }
    snas_text text = snas_text_make(mem);
    for (int k = 0; k < classes; k++) {
        snas_text_add(&text, "%s", k == 0 ? "[" : ", ");
        snas_text_add_json(&text, names[k]);
    }
    snas_text_add(&text, "]");
    *out = text.data;
    return snas_text_done(&text);
}

snas_status snas_class_names_read(snas_arena *mem, const snas_json *list, int classes, const char *const **out)
{
    const char **names;
    *out = NULL;
    if (list == NULL || list->kind != SNAS_JSON_ARRAY || list->count != classes) {
        return SNAS_OK;
    }
    SNAS_NEW(mem, names, classes);
    int k = 0;
    for (const snas_json *name = list->first; name != NULL; name = name->next) {
        if (name->kind != SNAS_JSON_STRING) {
            return SNAS_OK;
        }
        names[k++] = name->string;
    }
    *out = names;
    return SNAS_OK;
}

snas_status snas_class_names_check(snas_arena *mem, const char *path, const char *text, const char *const *names,
                                   int classes)
{
    const snas_json *list;
    const char *const *then;
    char was[256], is[256];
    if (text == NULL || names == NULL) {
        return SNAS_OK;
    }
    SNAS_TRY(snas_json_parse(mem, path, (snas_bytes){text, strlen(text)}, &list));
    SNAS_TRY(snas_class_names_read(mem, list, classes, &then));
    if (then == NULL) {
        return snas_fail(SNAS_E_DATA, "the data set has %d classes, it had %d when '%s' was written", classes,
                         list->count, path);
    }
    snas_class_match match;
    const snas_class_lists lists = {classes, then, names};
    SNAS_TRY(snas_class_names_match(mem, &lists, &match));
    int k = 0;
    while (k < classes && match.map[k] == k) {
        k++;
    }
    return k == classes
               ? SNAS_OK
               : snas_fail(SNAS_E_DATA, "class %d of the data set is '%s', it was '%s' when '%s' was written", k,
                           snas_printable(is, sizeof is, names[k]), snas_printable(was, sizeof was, then[k]), path);
}
