/* candidates.c -- the candidate operations from their rows (candidate_rows.inc), and what a row says about itself. */
#include <stddef.h>
#include <string.h>

#include "candidate_rows.h"

#define STEPS(...) ((const snas_step[]){__VA_ARGS__, {.kind = SNAS_STEP_END}})
#define NOTHING ((const snas_step[]){{.kind = SNAS_STEP_END}})
#define SAME(...)                                                                                                      \
    {                                                                                                                  \
        STEPS(__VA_ARGS__), STEPS(__VA_ARGS__)                                                                         \
    }

#define RELU                                                                                                           \
    {                                                                                                                  \
        .kind = SNAS_STEP_RELU                                                                                         \
    }
#define NORM                                                                                                           \
    {                                                                                                                  \
        .kind = SNAS_STEP_NORM                                                                                         \
    }
#define DEPTHWISE(k, d, s)                                                                                             \
    {                                                                                                                  \
        .kind = SNAS_STEP_DEPTHWISE, .kernel = (k), .dilation = (d), .strided = (s)                                    \
    }
#define CONV(k, s)                                                                                                     \
    {                                                                                                                  \
        .kind = SNAS_STEP_CONV, .kernel = (k), .dilation = 1, .strided = (s)                                           \
    }
#define POOL(which)                                                                                                    \
    {                                                                                                                  \
        .kind = (which), .kernel = 3, .dilation = 1, .strided = true                                                   \
    }
#define POOL_NORM                                                                                                      \
    {                                                                                                                  \
        .kind = SNAS_STEP_POOL_NORM                                                                                    \
    }
#define FACTORIZED                                                                                                     \
    {                                                                                                                  \
        .kind = SNAS_STEP_FACTORIZED, .kernel = 1, .dilation = 1, .strided = true                                      \
    }

#define CANDIDATE(symbol, ...) const snas_candidate space_##symbol = {__VA_ARGS__};
#include "candidate_rows.inc"
#undef CANDIDATE

#define CANDIDATE(symbol, ...) &space_##symbol,
const snas_candidate *const snas_candidates[] = {
#include "candidate_rows.inc"
    NULL};

/* --- what a row says ---------------------------------------------------------------------------------------------- */

const snas_candidate *snas_candidate_find(const char *name)
{
    for (int i = 0; snas_candidates[i] != NULL; i++) {
        if (strcmp(snas_candidates[i]->name, name) == 0) {
            return snas_candidates[i];
        }
    }
    return NULL;
}

bool snas_candidate_is_identity(const snas_candidate *candidate, int stride)
{
    return !candidate->is_zero && candidate->steps[stride - 1][0].kind == SNAS_STEP_END;
}

int64_t snas_candidate_size(const snas_candidate *candidate, int channels, int stride)
{
    const int64_t C = channels;
    int64_t size = 0;
    for (const snas_step *step = candidate->steps[stride - 1]; step->kind != SNAS_STEP_END; step++) {
        const int64_t k = step->kernel;
        switch (step->kind) {
        case SNAS_STEP_DEPTHWISE:
            size += C * k * k;
            break;
        case SNAS_STEP_CONV:
            size += C * C * k * k;
            break;
        case SNAS_STEP_FACTORIZED:
            size += 2 * C * (C / 2);
            break;
        default: /* relu, norms and pools have no convolution */
            break;
        }
    }
    return size;
}
