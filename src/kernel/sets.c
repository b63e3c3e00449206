/* sets.c -- which kernels this processor runs. */
#include "snas/kernel/sets.h"

#include <stdio.h>
#include <string.h>

enum { NAMES_BYTES = 256 };

/** Is `set` the first row of its name? Rows of one name differ in width. */
static bool is_named_first(const snas_kernel_set *set)
{
    return set == snas_kernel_sets || strcmp(set->name, set[-1].name) != 0;
}

/** "plain, baseline, avx2 and avx512". */
static const char *names_of_sets(char *to, size_t capacity)
{
    size_t used = (size_t)snprintf(to, capacity, "plain");
    const snas_kernel_set *set = snas_kernel_sets;
    while (set->name != NULL) {
        set++;
    }
    while (set-- > snas_kernel_sets) {
        if (is_named_first(set) && used < capacity) {
            const char *between = set == snas_kernel_sets ? " and " : ", ";
            used += (size_t)snprintf(to + used, capacity - used, "%s%s", between, set->name);
        }
    }
    return to;
}

snas_status snas_kernel_set_choose(const char *wanted, const char **name)
{
    *name = "plain";
    if (wanted != NULL && strcmp(wanted, "plain") == 0) {
        return SNAS_OK;
    }
    for (const snas_kernel_set *set = snas_kernel_sets; set->name != NULL; set++) {
        const bool named = wanted == NULL || wanted[0] == '\0' || strcmp(wanted, set->name) == 0;
        if (named && set->runs()) {
            *name = set->name;
            return SNAS_OK;
        }
    }
    if (wanted == NULL || wanted[0] == '\0') {
        return SNAS_OK;
    }
    char names[NAMES_BYTES];
    return snas_fail(SNAS_E_USAGE, "this processor has no kernel set '%s'; there are %s, and the best here is %s",
                     wanted, names_of_sets(names, sizeof names), snas_kernel_set_name());
}

/** Vectors of `width` that hold so many channels. */
static int vectors(int channels, int width)
{
    return (channels + width - 1) / width;
}

const snas_kernel *snas_kernel_find(const char *name, snas_op_kind kind, int channels)
{
    const snas_kernel_set *best = NULL;
    for (const snas_kernel_set *set = snas_kernel_sets; set->name != NULL; set++) {
        if (strcmp(set->name, name) != 0) {
            continue;
        }
        const int mine = vectors(channels, set->width);
        const int other = best == NULL ? 0 : vectors(channels, best->width);
        if (best == NULL || mine < other || (mine == other && set->width < best->width)) {
            best = set;
        }
    }
    return best == NULL || best->operations[kind] == NULL ? NULL : &best->operations[kind]->kernel;
}

const snas_kernel_set *snas_kernel_set_widest(const char *name)
{
    const char *wanted = strcmp(name, "plain") == 0 ? snas_kernel_set_name() : name;
    const snas_kernel_set *widest = NULL;
    for (const snas_kernel_set *set = snas_kernel_sets; set->name != NULL; set++) {
        if (strcmp(set->name, wanted) == 0 && (widest == NULL || set->width > widest->width)) {
            widest = set;
        }
    }
    return widest;
}

const char *snas_kernel_set_name(void)
{
    const char *name;
    return snas_kernel_set_choose(NULL, &name) == SNAS_OK ? name : "plain";
}
