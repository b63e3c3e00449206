/* bounds.c -- options of the form --budget NAME=N. */
#include "bounds.h"

#include <inttypes.h>
#include <stdlib.h>
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

/* A number above 0 in units. */
static bool take_real(const char *number, double unit, int64_t *out)
{
    char *end;
    const double value = strtod(number, &end);
    const bool fits = end != number && *end == 0 && value * unit >= 1.0 && value * unit <= (double)SNAS_WHOLE_MAX;
    *out = fits ? (int64_t)(value * unit + 0.5) : 0;
    return fits;
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
    const double unit = bounds->units == NULL ? 1.0 : bounds->units[i];
    if (unit > 1.0 && !take_real(number, unit, &value)) {
        return snas_fail(SNAS_E_USAGE, "--%s %s: found '%s', allowed a number above 0, to %.0f", bounds->option, name,
                         number, (double)SNAS_WHOLE_MAX / unit);
    }
    if (unit <= 1.0 && (!snas_whole(number, strlen(number), &value) || value < 1)) {
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
