/* candidates.c -- the candidate operations, one row each, as programs of steps; and what a row says about itself.
 *
 * Sources: DARTS (Liu et al., ICLR 2019) for the first eight, with SNAS's batch norm behind a pool; NAS-Bench-201 (Dong
 * and Yang, ICLR 2020) for nor_conv and the bare average pool. Every convolution is without bias, C channels in and
 * out. A step's place is its place in the published network's Sequential: sep_conv has its weights at op.1, op.2, op.5,
 * op.6.
 *
 * Memory access counts elements read and written an output element: a relu-convolution-norm chain reads its input once
 * for every step, a strided first step reads four inputs an output.
 */
#include <stddef.h>
#include <string.h>

#include "candidate_rows.h"

#define RELU .kind = SNAS_STEP_RELU
#define NORM .kind = SNAS_STEP_NORM
#define DEPTHWISE(k, d, s) .kind = SNAS_STEP_DEPTHWISE, .kernel = (k), .dilation = (d), .strided = (s)
#define CONV(k, s) .kind = SNAS_STEP_CONV, .kernel = (k), .dilation = 1, .strided = (s)
#define POOL(which) .kind = (which), .kernel = 3, .dilation = 1, .strided = true
#define POOL_NORM .kind = SNAS_STEP_POOL_NORM
#define END .kind = SNAS_STEP_END

/* --- programs ----------------------------------------------------------------------------------------------------- */

/* A program a line. */
/* clang-format off */
static const snas_step NOTHING[] = {{END}};
static const snas_step FACTORIZED[] = {{.kind = SNAS_STEP_FACTORIZED, .kernel = 1, .dilation = 1, .strided = true},
                                       {END}};
static const snas_step MAX_POOL[] = {{POOL(SNAS_STEP_MAX_POOL)}, {POOL_NORM}, {END}};
static const snas_step AVG_POOL[] = {{POOL(SNAS_STEP_AVG_POOL)}, {POOL_NORM}, {END}};
static const snas_step BARE_AVG_POOL[] = {{POOL(SNAS_STEP_AVG_POOL)}, {END}};
static const snas_step SEP_3[] = {{RELU}, {DEPTHWISE(3, 1, true)}, {CONV(1, false)}, {NORM},
                                  {RELU}, {DEPTHWISE(3, 1, false)}, {CONV(1, false)}, {NORM}, {END}};
static const snas_step SEP_5[] = {{RELU}, {DEPTHWISE(5, 1, true)}, {CONV(1, false)}, {NORM},
                                  {RELU}, {DEPTHWISE(5, 1, false)}, {CONV(1, false)}, {NORM}, {END}};
static const snas_step DIL_3[] = {{RELU}, {DEPTHWISE(3, 2, true)}, {CONV(1, false)}, {NORM}, {END}};
static const snas_step DIL_5[] = {{RELU}, {DEPTHWISE(5, 2, true)}, {CONV(1, false)}, {NORM}, {END}};
static const snas_step NOR_1[] = {{RELU}, {CONV(1, true)}, {NORM}, {END}};
static const snas_step NOR_3[] = {{RELU}, {CONV(3, true)}, {NORM}, {END}};
/* clang-format on */

/* --- rows --------------------------------------------------------------------------------------------------------- */

const snas_candidate space_none = {
    .name = "none", .brief = "contributes nothing", .letters = "none", .is_zero = true, .steps = {NOTHING, NOTHING}};

const snas_candidate space_max_pool_3x3 = {.name = "max_pool_3x3",
                                           .brief = "3x3 max pool, batch norm",
                                           .letters = "max3",
                                           .steps = {MAX_POOL, MAX_POOL},
                                           .reads = {1, 4},
                                           .writes = 1,
                                           .flops_per_element = 9};

const snas_candidate space_avg_pool_3x3 = {.name = "avg_pool_3x3",
                                           .brief = "3x3 average pool, padding not counted, batch norm",
                                           .letters = "avg3",
                                           .steps = {AVG_POOL, AVG_POOL},
                                           .reads = {1, 4},
                                           .writes = 1,
                                           .flops_per_element = 9};

const snas_candidate space_skip_connect = {.name = "skip_connect",
                                           .brief = "identity; with stride 2 a factorized reduction",
                                           .letters = "skip",
                                           .steps = {NOTHING, FACTORIZED},
                                           .reads = {1, 8},
                                           .writes = 1};

const snas_candidate space_sep_conv_3x3 = {.name = "sep_conv_3x3",
                                           .brief = "3x3 depthwise separable convolution, twice",
                                           .letters = "sep3",
                                           .steps = {SEP_3, SEP_3},
                                           .reads = {7, 10},
                                           .writes = 1};

const snas_candidate space_sep_conv_5x5 = {.name = "sep_conv_5x5",
                                           .brief = "5x5 depthwise separable convolution, twice",
                                           .letters = "sep5",
                                           .steps = {SEP_5, SEP_5},
                                           .reads = {7, 10},
                                           .writes = 1};

const snas_candidate space_dil_conv_3x3 = {.name = "dil_conv_3x3",
                                           .brief = "3x3 depthwise separable convolution, dilation 2",
                                           .letters = "dil3",
                                           .steps = {DIL_3, DIL_3},
                                           .reads = {3, 6},
                                           .writes = 1};

const snas_candidate space_dil_conv_5x5 = {.name = "dil_conv_5x5",
                                           .brief = "5x5 depthwise separable convolution, dilation 2",
                                           .letters = "dil5",
                                           .steps = {DIL_5, DIL_5},
                                           .reads = {3, 6},
                                           .writes = 1};

const snas_candidate space_nor_conv_1x1 = {.name = "nor_conv_1x1",
                                           .brief = "1x1 convolution",
                                           .letters = "conv1",
                                           .steps = {NOR_1, NOR_1},
                                           .reads = {1, 4},
                                           .writes = 1};

const snas_candidate space_nor_conv_3x3 = {.name = "nor_conv_3x3",
                                           .brief = "3x3 convolution",
                                           .letters = "conv3",
                                           .steps = {NOR_3, NOR_3},
                                           .reads = {1, 4},
                                           .writes = 1};

const snas_candidate space_bare_avg_pool_3x3 = {.name = "avg_pool_3x3",
                                                .brief = "3x3 average pool, padding not counted, no batch norm",
                                                .letters = "avg3",
                                                .steps = {BARE_AVG_POOL, BARE_AVG_POOL},
                                                .reads = {1, 4},
                                                .writes = 1,
                                                .flops_per_element = 9};

const snas_candidate *const snas_candidates[] = {&space_none,         &space_max_pool_3x3,      &space_avg_pool_3x3,
                                                 &space_skip_connect, &space_sep_conv_3x3,      &space_sep_conv_5x5,
                                                 &space_dil_conv_3x3, &space_dil_conv_5x5,      &space_nor_conv_1x1,
                                                 &space_nor_conv_3x3, &space_bare_avg_pool_3x3, NULL};

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
