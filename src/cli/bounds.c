/* bounds.c -- options of the form --budget NAME=N. */
#include "bounds.h"

#include <inttypes.h>
#include <string.h>

#include "snas/base/text.h"

static const char *name_at(const void *context, int i)
{
    return ((const cli_bounds *)context)->names[i];
}

static int find(const cli_bounds *bounds, const char *word, size_t length)
{
    for (int i = 0; i < bounds->count; i++) {
        if (strlen(bounds->names[i]) == length && strncmp(bounds->names[i], word, length) == 0) {
            return i;
        }
    }
    return -1;
}

static snas_status take(snas_arena *mem, const cli_bounds *bounds, const char *word, int64_t *most)
{
    const size_t length = strcspn(word, "=");
    const int i = find(bounds, word, length);
    const char *name = snas_format(mem, "%.*s", (int)length, word);
    int64_t value;
    SNAS_TRY(snas_taken(name));
    if (i < 0) {
        return snas_fail(SNAS_E_USAGE, "--%s: found '%s'%s, each as NAME=N\nsee 'snas help derive'", bounds->option,
                         name, cli_allowed(mem, name, name_at, bounds, bounds->count));
    }
    const char *number = word[length] == '=' ? word + length + 1 : word + length;
    if (!snas_whole(number, strlen(number), &value) || value < 1) {
        return snas_fail(SNAS_E_USAGE, "--%s %s: found '%s', allowed a whole number from 1 to %" PRId64, bounds->option,
                         name, number, SNAS_WHOLE_MAX);
    }
    if (most[i] != 0) {
        return snas_fail(SNAS_E_USAGE, "--%s %s is given twice", bounds->option, name);
    }
    most[i] = value;
    return SNAS_OK;
}

snas_status cli_bounds_take(snas_arena *mem, const cli_bounds *bounds, const cli_list *list, int64_t *most)
{
    memset(most, 0, (size_t)bounds->count * sizeof *most);
    for (int i = 0; i < list->count; i++) {
        SNAS_TRY(take(mem, bounds, list->items[i], most));
    }
    return SNAS_OK;
}
