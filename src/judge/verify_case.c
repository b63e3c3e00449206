/* verify_case.c -- reading a case of `snas verify`: pictures, labels, logits, noise. Its config: verify_config.c. The
 * format: verify.h. */
#include "verify_case.h"

#include <string.h>

#include "snas/base/text.h"

snas_status verify_case_tensor(snas_arena *mem, const verify_case *c, const char *name, int64_t count,
                               const double **out)
{
    double *to;
    const snas_named_tensor *tensor = snas_tensor_find(&c->file, name);
    if (tensor == NULL) {
        return snas_fail(SNAS_E_DATA, "'%s': tensor '%s' is missing from the file, which has %d", c->path, name,
                         c->file.count);
    }
    if (tensor->count != count) {
        return snas_fail(SNAS_E_DATA, "'%s': tensor '%s' has %lld numbers, the case wants %lld", c->path, name,
                         (long long)tensor->count, (long long)count);
    }
    SNAS_NEW(mem, to, count);
    *out = to;
    return snas_tensor_to_double(tensor, to);
}

/* T, where one step without a leading dimension counts as 1. */
static int64_t steps(const verify_case *c)
{
    return c->steps > 0 ? c->steps : 1;
}

/* [T,N,3,S,S] -> [T,N,S,S,3]; T is not there in a case of one step. */
static snas_status read_images(snas_arena *mem, const verify_case *c, const char *name, double **out)
{
    const double *from;
    const int64_t pixels = (int64_t)c->side * c->side, count = 3 * pixels * c->batch * steps(c);
    const snas_named_tensor *tensor = snas_tensor_find(&c->file, name);
    const int64_t shape[5] = {steps(c), c->batch, 3, c->side, c->side};
    const int lead = c->steps > 0 ? 0 : 1; /* dimensions of `shape` that the tensor has not */
    SNAS_TRY(verify_case_tensor(mem, c, name, count, &from));
    if (tensor->dims != 5 - lead || memcmp(tensor->shape, shape + lead, (size_t)(5 - lead) * sizeof *shape) != 0) {
        return snas_fail(SNAS_E_DATA, "'%s': '%s' has to have the shape [%s%d, 3, %d, %d]", c->path, name,
                         lead == 0 ? "steps, " : "", c->batch, c->side, c->side);
    }
    SNAS_NEW(mem, *out, count);
    for (int64_t i = 0; i < count; i++) {
        const int64_t image = i / (3 * pixels), channel = i / pixels % 3, pixel = i % pixels;
        (*out)[(image * pixels + pixel) * 3 + channel] = from[i];
    }
    return SNAS_OK;
}

static snas_status read_labels(snas_arena *mem, const verify_case *c, const char *name, int **out)
{
    const snas_named_tensor *tensor = snas_tensor_find(&c->file, name);
    const int64_t count = steps(c) * c->batch;
    if (tensor == NULL || tensor->dtype != SNAS_I64 || tensor->count != count) {
        return snas_fail(SNAS_E_DATA, "'%s': '%s' has to be there with %lld numbers of I64", c->path, name,
                         (long long)count);
    }
    SNAS_NEW(mem, *out, count);
    for (int64_t i = 0; i < count; i++) {
        const int64_t label = ((const int64_t *)tensor->data)[i];
        if (label < 0 || label >= c->classes) {
            return snas_fail(SNAS_E_DATA, "'%s': label %lld of picture %lld is not in 0..%d", c->path, (long long)label,
                             (long long)i, c->classes - 1);
        }
        (*out)[i] = (int)label;
    }
    return SNAS_OK;
}

static snas_status read_batches(snas_arena *mem, const verify_case *c, const char *images, const char *labels,
                                verify_batches *out)
{
    SNAS_TRY(read_images(mem, c, images, &out->images));
    return read_labels(mem, c, labels, &out->labels);
}

/* [pieces][E][K] of one cell type to its place in [pieces][types][E][K]. */
static snas_status read_row(snas_arena *mem, const verify_case *c, const char *name, int64_t pieces, int type,
                            double *to)
{
    const double *from;
    const int64_t row = (int64_t)c->logits.edges * c->logits.candidates;
    SNAS_TRY(snas_taken(name));
    SNAS_TRY(verify_case_tensor(mem, c, name, pieces * row, &from));
    for (int64_t t = 0; t < pieces; t++) {
        memcpy(to + (t * c->logits.types + type) * row, from + t * row, (size_t)row * sizeof *from);
    }
    return SNAS_OK;
}

/* The noise of all cell types: tensors named prefix + type. */
static snas_status read_noise(snas_arena *mem, const verify_case *c, const char *prefix, double **out)
{
    SNAS_NEW(mem, *out, steps(c) * c->logits.types * c->logits.edges * c->logits.candidates);
    for (int type = 0; type < c->logits.types; type++) {
        const char *name = snas_format(mem, "%s%s", prefix, c->search.space->type_names[type]);
        SNAS_TRY(read_row(mem, c, name, steps(c), type, *out));
    }
    return SNAS_OK;
}

/* The logits, and the noise of the draws. */
static snas_status read_draw(snas_arena *mem, verify_case *c)
{
    const snas_space *space = c->search.space;
    const int edges = snas_space_edge_count(space), types = space->cell_types;
    SNAS_TRY(snas_logits_create(mem, types, edges, space->candidate_count, &c->logits));
    for (int type = 0; type < types; type++) {
        const char *name = snas_format(mem, "%s_log_alpha", space->type_names[type]);
        SNAS_TRY(read_row(mem, c, name, 1, type, c->logits.log_alpha));
    }
    SNAS_TRY(read_noise(mem, c, "input.gumbel_", &c->gumbel));
    return snas_search_levels[c->search.level].logit_pictures
               ? read_noise(mem, c, "input.logit_gumbel_", &c->logit_gumbel)
               : SNAS_OK;
}

snas_status verify_case_load(snas_arena *mem, const char *path, verify_case *out)
{
    *out = (verify_case){.path = path};
    SNAS_TRY(snas_safetensors_load(mem, path, &out->file));
    SNAS_TRY(verify_config_read(mem, out));
    SNAS_TRY(read_batches(mem, out, "input.images", "input.labels", &out->pictures));
    if (snas_search_levels[out->search.level].logit_pictures) {
        SNAS_TRY(read_batches(mem, out, "input.logit_images", "input.logit_labels", &out->logit_pictures));
    }
    return out->supernet ? read_draw(mem, out) : SNAS_OK;
}
