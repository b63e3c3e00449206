/* folder_changes.c -- the pictures that a run began with against those that lie there now: what is gone, what has come.
 */
#include <stdio.h>
#include <string.h>

#include "folder.h"
#include "snas/base/file.h"
#include "snas/base/text.h"

/* What has changed: pictures that are gone, with the first of them, and others that have come. */
typedef struct {
    int gone, came;
    char first[1024];
} changes;

/* Entries that are no pictures have been judged when the run began. */
static void ignore(void *context, const char *sentence)
{
    (void)context;
    (void)sentence;
}

/* Both parts, and how far each has been looked at. */
typedef struct {
    snas_arena *mem;
    data_folder_part *parts; /* [2] */
    int at[2];
    changes found;
} comparison;

/* The pictures of class k of a part: which are not `there`. *here: how many are. */
static snas_status compare_class(comparison *c, const data_listing *there, int p, int k, int *here)
{
    data_folder_part *part = &c->parts[p];
    const int first = c->at[p];
    int *at = &c->at[p];
    *here = 0;
    for (; *at < part->count && part->labels[*at] == k; ++*at) {
        part->gone[*at] = !data_listing_has_file(there, part->names[*at]);
        *here += !part->gone[*at];
        if (part->gone[*at] && c->found.gone++ == 0) {
            char name[1024];
            snprintf(name, sizeof name, "%s/%s/%s", part->path, part->class_names[k], part->names[*at]);
            snas_printable(c->found.first, sizeof c->found.first, name);
        }
    }
    return *here > 0 || *at == first
               ? SNAS_OK
               : snas_fail(SNAS_E_DATA,
                           "none of the %d pictures of the class '%s' that the run began with is left in '%s'",
                           *at - first, part->class_names[k], part->path);
}

/* What lies in the folder of a class; nothing where there is none any more. */
static snas_status list_class(snas_arena *mem, const data_folder_part *part, int k, data_listing *out)
{
    const snas_fault_sink deaf = {.fault = ignore, .note = ignore};
    const char *folder = snas_format(mem, "%s/%s", part->path, part->class_names[k]);
    *out = (data_listing){0};
    SNAS_TRY(snas_taken(folder));
    return snas_folder_is(folder) ? data_list(mem, &deaf, folder, out) : SNAS_OK;
}

/* Class k of both parts, which may share their folders. */
static snas_status compare_parts(comparison *c, int k)
{
    const bool shared = strcmp(c->parts[0].path, c->parts[1].path) == 0;
    data_listing there = {0};
    for (int p = 0; p < 2; p++) {
        int here;
        if (p == 0 || !shared) {
            SNAS_TRY(list_class(c->mem, &c->parts[p], k, &there));
            c->found.came += there.file_count;
        }
        SNAS_TRY(compare_class(c, &there, p, k, &here));
        c->found.came -= here;
    }
    return SNAS_OK;
}

snas_status data_inventory_compare(snas_arena *mem, struct snas_inventory *inventory, const char **changed)
{
    comparison c = {.mem = mem, .parts = inventory->parts};
    const changes *found = &c.found;
    int count = 0;
    char came[128] = "";
    for (int p = 0; p < 2; p++) {
        count += inventory->parts[p].count;
        SNAS_NEW(mem, inventory->parts[p].gone, inventory->parts[p].count);
    }
    for (int k = 0; k < inventory->classes; k++) {
        SNAS_TRY(compare_parts(&c, k));
    }
    *changed = NULL;
    if (found->came > 0) {
        snprintf(came, sizeof came, "%d picture%s come since the run began and %s left out", found->came,
                 found->came == 1 ? " has" : "s have", found->came == 1 ? "is" : "are");
        *changed = snas_format(mem, "%s", came);
    }
    if (found->gone > 0) {
        *changed = snas_format(
            mem,
            "%d of the %d pictures that the run began with %s gone, the first is '%s'; the next of "
            "%s class %s%s%s",
            found->gone, count, found->gone == 1 ? "is" : "are", found->first, found->gone == 1 ? "its" : "their",
            found->gone == 1 ? "stands in for it" : "stand in for them", came[0] != '\0' ? "; " : "", came);
    }
    return found->gone + found->came > 0 ? snas_taken(*changed) : SNAS_OK;
}
