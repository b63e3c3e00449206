/* verify_compare.c -- a step held against its case, number by number. */
#include "verify_compare.h"

#include <math.h>

#include "snas/base/text.h"

verify_squares verify_compare(const double *a, const double *b, int64_t count)
{
    verify_squares s = {0};
    for (int64_t i = 0; i < count; i++) {
        const double wanted = b == NULL ? 0.0 : b[i], gap = a[i] - wanted;
        s.gap += gap * gap;
        s.norm += wanted * wanted;
    }
    return s;
}

void verify_add(verify_squares *to, verify_squares s)
{
    to->gap += s.gap;
    to->norm += s.norm;
}

double verify_relative(verify_squares s, double floor)
{
    const double below = sqrt(s.norm) + floor;
    return s.gap == 0.0 ? 0.0 : sqrt(s.gap) / (below + 1e-30);
}

void verify_set(const verify_comparison *k, snas_measure measure, double error)
{
    k->out->measures[measure].error = error;
}

snas_status verify_widen(const verify_comparison *k, const void *from, int64_t count, const double **out)
{
    double *to;
    SNAS_NEW(k->mem, to, count);
    for (int64_t i = 0; i < count; i++) {
        to[i] = k->f64 ? ((const double *)from)[i] : (double)((const float *)from)[i];
    }
    *out = to;
    return SNAS_OK;
}

snas_status verify_wanted(const verify_comparison *k, const char *prefix, const char *name, int64_t count,
                          bool optional, const double **out)
{
    const char *full = snas_format(k->mem, "%s%s", prefix, name);
    *out = NULL;
    SNAS_TRY(snas_taken(full));
    return optional && snas_tensor_find(&k->c->file, full) == NULL ? SNAS_OK
                                                                   : verify_case_tensor(k->mem, k->c, full, count, out);
}
