/* numbers.c -- which numbers a network may hold: parameters and running means are finite, running variances are finite
 * and not below 0.
 *
 * What breaks this, a run that diverged or a damaged file, would end in figures that look plausible: a rectifier makes
 * 0 of minus infinity, and the square root of a negative variance is no number.
 */
#include "model.h"
#include "snas/base/text.h"

/* The entry's part of its flat vector. */
static snas_named_tensor tensor_of(const snas_network *n, const snas_parameter *p, const void *vector, const char *name)
{
    return (snas_named_tensor){.name = name,
                               .dtype = snas_network_dtype(n),
                               .data = (const char *)vector + (size_t)p->first * n->element,
                               .count = p->count};
}

static snas_status check_variance(const snas_named_tensor *tensor)
{
    for (int64_t i = 0; i < tensor->count; i++) {
        const double value =
            tensor->dtype == SNAS_F64 ? ((const double *)tensor->data)[i] : (double)((const float *)tensor->data)[i];
        if (value < 0.0) {
            char shown[256];
            return snas_fail(SNAS_E_NUMERIC, "tensor '%s' holds %g in place %lld, allowed are numbers from 0",
                             snas_printable(shown, sizeof shown, tensor->name), value, (long long)i);
        }
    }
    return SNAS_OK;
}

snas_status model_check_numbers(const snas_network *n, const snas_parameter *p, const void *vector, const char *name)
{
    const snas_named_tensor tensor = tensor_of(n, p, vector, name);
    SNAS_TRY(snas_tensor_finite(&tensor));
    return model_is_variance(p) ? check_variance(&tensor) : SNAS_OK;
}

static snas_status check_list(const snas_network *n, const snas_parameter *list, int count, const void *vector)
{
    for (int i = 0; i < count; i++) {
        SNAS_TRY(model_check_numbers(n, &list[i], vector, list[i].name));
    }
    return SNAS_OK;
}

snas_status snas_network_check_numbers(const snas_network *n)
{
    SNAS_TRY(check_list(n, n->parameters, n->program->parameter_count, snas_network_weights(n)));
    return check_list(n, n->buffers, n->program->buffer_count, snas_network_buffers(n));
}
