/* sets.c -- which kernels this processor runs. */
#include "snas/kernel/sets.h"

#include <string.h>

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
    return wanted == NULL || wanted[0] == '\0'
               ? SNAS_OK
               : snas_fail(SNAS_E_USAGE,
                           "this processor has no kernel set '%s'; there are plain, baseline, "
                           "avx2 and avx512, and the best here is %s",
                           wanted, snas_kernel_set_name());
}

static int padded(int channels, int width)
{
    return (channels + width - 1) / width * width;
}

const snas_kernel *snas_kernel_find(const char *name, snas_op_kind kind, int channels)
{
    const snas_kernel_set *best = NULL;
    for (const snas_kernel_set *set = snas_kernel_sets; set->name != NULL; set++) {
        if (strcmp(set->name, name) != 0) {
            continue;
        }
        const int mine = padded(channels, set->width);
        const int other = best == NULL ? 0 : padded(channels, best->width);
        if (best == NULL || mine < other || (mine == other && set->width > best->width)) {
            best = set;
        }
    }
    return best == NULL ? NULL : best->kernels[kind];
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
