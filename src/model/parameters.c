/* parameters.c -- the named tensors of a network: initial values, in from a file, out to a file. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model.h"
#include "snas/base/rng.h"
#include "snas/base/text.h"

int snas_network_parameter_count(const snas_network *n)
{
    return n->program->parameter_count;
}

const snas_parameter *snas_network_parameter(const snas_network *n, int i)
{
    return &n->parameters[i];
}

int snas_network_buffer_count(const snas_network *n)
{
    return n->program->buffer_count;
}

const snas_parameter *snas_network_buffer(const snas_network *n, int i)
{
    return &n->buffers[i];
}

int64_t snas_network_weight_count(const snas_network *n)
{
    return n->program->weight_count;
}

size_t snas_network_picture_bytes(const snas_network *n)
{
    const size_t side = (size_t)n->spec.side;
    return side * side * 3 * n->element;
}

snas_dtype snas_network_dtype(const snas_network *n)
{
    return n->f64 ? SNAS_F64 : SNAS_F32;
}

int64_t snas_network_buffer_values(const snas_network *n)
{
    return n->program->buffer_values;
}

void *snas_network_weights(const snas_network *n)
{
    return snas_executor_weights(n->executor);
}

void *snas_network_gradients(const snas_network *n)
{
    return snas_executor_gradients(n->executor);
}

void *snas_network_buffers(const snas_network *n)
{
    return snas_executor_buffers(n->executor);
}

/** Write one number of a flat vector in the network's type. */
static void put(const snas_network *n, void *vector, int64_t at, double value)
{
    if (n->f64) {
        ((double *)vector)[at] = value;
    } else {
        ((float *)vector)[at] = (float)value;
    }
}

bool model_is_variance(const snas_parameter *p)
{
    return snas_ends(p->name, ".running_var");
}

void snas_network_init(snas_network *n, uint64_t seed)
{
    for (int i = 0; i < n->program->parameter_count; i++) {
        const snas_parameter *p = &n->parameters[i];
        snas_rng rng = snas_rng_at(seed, SNAS_STREAM_WEIGHTS, (uint64_t)i);
        const double bound = p->fan_in > 0 ? 1.0 / sqrt((double)p->fan_in) : 0.0;
        const double norm = snas_ends(p->name, ".weight") ? 1.0 : 0.0;
        for (int64_t j = 0; j < p->count; j++) {
            put(n, snas_network_weights(n), p->first + j,
                p->is_norm ? norm : bound * (2.0 * snas_rng_uniform(&rng) - 1.0));
        }
    }
    for (int i = 0; i < n->program->buffer_count; i++) {
        const snas_parameter *p = &n->buffers[i];
        for (int64_t j = 0; j < p->count; j++) {
            put(n, snas_network_buffers(n), p->first + j, model_is_variance(p) ? 1.0 : 0.0);
        }
    }
    n->owner->batches_tracked = 0;
}

/* --- in ----------------------------------------------------------------------------------------------------------- */

static const char *shape_text(char *to, size_t capacity, int dims, const int64_t *shape)
{
    size_t at = (size_t)snprintf(to, capacity, "[");
    for (int i = 0; i < dims && at < capacity; i++) {
        at += (size_t)snprintf(to + at, capacity - at, "%s%lld", i > 0 ? ", " : "", (long long)shape[i]);
    }
    if (at < capacity) {
        snprintf(to + at, capacity - at, "]");
    }
    return to;
}

static snas_status load_entry(snas_network *n, const snas_parameter *p, void *vector, const snas_named_tensor *tensor)
{
    char found[128], wanted[128];
    if (tensor->dims != p->dims || memcmp(tensor->shape, p->shape, (size_t)p->dims * sizeof *p->shape) != 0) {
        return snas_fail(SNAS_E_DATA, "tensor '%s' has shape %s, the network wants %s", tensor->name,
                         shape_text(found, sizeof found, tensor->dims, tensor->shape),
                         shape_text(wanted, sizeof wanted, p->dims, p->shape));
    }
    SNAS_TRY(n->f64 ? snas_tensor_to_double(tensor, (double *)vector + p->first)
                    : snas_tensor_to_float(tensor, (float *)vector + p->first));
    return model_check_numbers(n, p, vector, tensor->name);
}

/** The tensor prefix + name, NULL when missing. */
static const snas_named_tensor *find(const snas_tensor_file *file, const char *prefix, const char *name)
{
    char full[512];
    snprintf(full, sizeof full, "%s%s", prefix, name);
    return snas_tensor_find(file, full);
}

/** Not there. Wrappers of PyTorch put a word before every name (nn.DataParallel 'module.', torch.compile '_orig_mod.'):
 *  then the tensor is there under a longer name, and the sentence says what to take off. */
static snas_status missing(const snas_tensor_file *file, const char *prefix, const char *name)
{
    char wanted[512];
    snprintf(wanted, sizeof wanted, "%s%s", prefix, name);
    const size_t length = strlen(wanted);
    for (int i = 0; i < file->count; i++) {
        const char *found = file->tensors[i].name;
        const size_t more = strlen(found) > length ? strlen(found) - length : 0;
        if (more > 0 && found[more - 1] == '.' && strcmp(found + more, wanted) == 0) {
            return snas_fail(SNAS_E_DATA,
                             "tensor '%s' is missing from the file, which has it as '%s': take '%.*s' off the names, "
                             "which a wrapper such as nn.DataParallel has put there",
                             wanted, found, (int)more, found);
        }
    }
    return snas_fail(SNAS_E_DATA, "tensor '%s' is missing from the file, which has %d", wanted, file->count);
}

static snas_status load_list(snas_network *n, const snas_tensor_file *file, const char *prefix, bool buffers,
                             bool required)
{
    const int count = buffers ? n->program->buffer_count : n->program->parameter_count;
    const snas_parameter *list = buffers ? n->buffers : n->parameters;
    void *vector = buffers ? snas_network_buffers(n) : snas_network_weights(n);
    for (int i = 0; i < count; i++) {
        const snas_named_tensor *tensor = find(file, prefix, list[i].name);
        if (tensor == NULL && required) {
            return missing(file, prefix, list[i].name);
        }
        if (tensor != NULL) {
            SNAS_TRY(load_entry(n, &list[i], vector, tensor));
        }
    }
    return SNAS_OK;
}

/** "a.b.running_mean" -> "a.b.num_batches_tracked"; false for other names. */
static bool tracked_name(const char *buffer, char *to, size_t capacity)
{
    static const char ending[] = "running_mean";
    if (!snas_ends(buffer, ending)) {
        return false;
    }
    snprintf(to, capacity, "%.*snum_batches_tracked", (int)(strlen(buffer) - strlen(ending)), buffer);
    return true;
}

snas_status snas_network_load(snas_network *n, const snas_tensor_file *file, const char *prefix, bool buffers_required)
{
    SNAS_TRY(load_list(n, file, prefix, false, true));
    SNAS_TRY(load_list(n, file, prefix, true, buffers_required));
    char name[512];
    for (int i = 0; i < n->program->buffer_count; i++) {
        const snas_named_tensor *tensor =
            tracked_name(n->buffers[i].name, name, sizeof name) ? find(file, prefix, name) : NULL;
        if (tensor != NULL && tensor->dtype == SNAS_I64 && tensor->count == 1) {
            memcpy(&n->owner->batches_tracked, tensor->data, sizeof n->owner->batches_tracked);
            break;
        }
    }
    return SNAS_OK;
}

/** Is there an entry of that name in one of the lists? */
static bool wants(const snas_network *n, const char *name)
{
    char tracked[512];
    for (int i = 0; i < n->program->parameter_count; i++) {
        if (strcmp(n->parameters[i].name, name) == 0) {
            return true;
        }
    }
    for (int i = 0; i < n->program->buffer_count; i++) {
        if (strcmp(n->buffers[i].name, name) == 0 ||
            (tracked_name(n->buffers[i].name, tracked, sizeof tracked) && strcmp(tracked, name) == 0)) {
            return true;
        }
    }
    return snas_starts(name, "auxiliary_head.");
}

int snas_network_unexpected(const snas_network *n, const snas_tensor_file *file, const char *prefix, const char **first)
{
    int count = 0;
    *first = NULL;
    for (int i = 0; i < file->count; i++) {
        const char *name = file->tensors[i].name;
        if (snas_starts(name, prefix) && !wants(n, name + strlen(prefix))) {
            *first = count++ == 0 ? name : *first;
        }
    }
    return count;
}

/* --- out ---------------------------------------------------------------------------------------------------------- */

int snas_network_tensor_count(const snas_network *n)
{
    return n->program->parameter_count + n->program->buffer_count + n->program->buffer_count / 2;
}

static snas_status put_tensor(const snas_network *n, snas_arena *mem, const char *prefix, const snas_parameter *p,
                              const void *vector, snas_named_tensor *out)
{
    *out = (snas_named_tensor){.name = snas_format(mem, "%s%s", prefix, p->name),
                               .dtype = n->f64 ? SNAS_F64 : SNAS_F32,
                               .dims = p->dims,
                               .data = (const char *)vector + (size_t)p->first * n->element,
                               .count = p->count};
    memcpy(out->shape, p->shape, (size_t)p->dims * sizeof *p->shape);
    return snas_taken(out->name);
}

snas_status snas_network_tensors(snas_arena *mem, const snas_network *n, const char *prefix, snas_named_tensor *out)
{
    for (int i = 0; i < n->program->parameter_count; i++) {
        SNAS_TRY(put_tensor(n, mem, prefix, &n->parameters[i], snas_network_weights(n), out++));
    }
    char name[512];
    for (int i = 0; i < n->program->buffer_count; i++) {
        SNAS_TRY(put_tensor(n, mem, prefix, &n->buffers[i], snas_network_buffers(n), out++));
        if (tracked_name(n->buffers[i].name, name, sizeof name)) {
            *out = (snas_named_tensor){.name = snas_format(mem, "%s%s", prefix, name),
                                       .dtype = SNAS_I64,
                                       .data = &n->owner->batches_tracked,
                                       .count = 1};
            SNAS_TRY(snas_taken(out++->name));
        }
    }
    return SNAS_OK;
}
