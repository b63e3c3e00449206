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

/* Pictures *at .. of class k of a part: which are not `there`. Moves *at behind them; *here: how many are. */
static void compare_class(const data_listing *there, data_folder_part *part, int k, int *at, int *here, changes *found)
{
    for (; *at < part->count && part->labels[*at] == k; ++*at) {
        part->gone[*at] = !data_listing_has_file(there, part->names[*at]);
        *here += !part->gone[*at];
        if (part->gone[*at] && found->gone++ == 0) {
            char name[1024];
            snprintf(name, sizeof name, "%s/%s/%s", part->path, part->class_names[k], part->names[*at]);
            snas_printable(found->first, sizeof found->first, name);
        }
    }
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

/* Every class of the parts [2], which may share their folders. */
static snas_status compare_all(snas_arena *mem, struct snas_inventory *inventory, changes *found)
{
    data_folder_part *parts = inventory->parts;
    const bool shared = strcmp(parts[0].path, parts[1].path) == 0;
    int at[2] = {0, 0};
    for (int k = 0; k < inventory->classes; k++) {
        int files = 0, here = 0;
        data_listing there = {0};
        for (int p = 0; p < 2; p++) {
            int here_of_part = 0;
            const int first = at[p];
            if (p == 0 || !shared) {
                SNAS_TRY(list_class(mem, &parts[p], k, &there));
                files += there.file_count;
            }
            compare_class(&there, &parts[p], k, &at[p], &here_of_part, found);
            if (here_of_part == 0 && at[p] > first) {
                return snas_fail(SNAS_E_DATA,
                                 "none of the %d pictures of the class '%s' that the run began with is left in '%s'",
                                 at[p] - first, parts[p].class_names[k], parts[p].path);
            }
            here += here_of_part;
        }
        found->came += files - here;
    }
    return SNAS_OK;
}

snas_status data_inventory_compare(snas_arena *mem, struct snas_inventory *inventory, const char **changed)
{
    changes found = {0};
    int count = 0;
    char came[128] = "";
    for (int p = 0; p < 2; p++) {
        count += inventory->parts[p].count;
        SNAS_NEW(mem, inventory->parts[p].gone, inventory->parts[p].count);
    }
    SNAS_TRY(compare_all(mem, inventory, &found));
    *changed = NULL;
    if (found.came > 0) {
        snprintf(came, sizeof came, "%d picture%s come since the run began and %s left out", found.came,
                 found.came == 1 ? " has" : "s have", found.came == 1 ? "is" : "are");
        *changed = snas_format(mem, "%s", came);
    }
    if (found.gone > 0) {
        *changed = snas_format(
            mem,
            "%d of the %d pictures that the run began with %s gone, the first is '%s'; the next of "
            "%s class %s%s%s",
            found.gone, count, found.gone == 1 ? "is" : "are", found.first, found.gone == 1 ? "its" : "their",
            found.gone == 1 ? "stands in for it" : "stand in for them", came[0] != '\0' ? "; " : "", came);
    }
    return found.gone + found.came > 0 ? snas_taken(*changed) : SNAS_OK;
}
