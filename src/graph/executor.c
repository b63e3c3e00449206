/* executor.c -- a program made ready to run: kernels chosen, passes scheduled, memory planned, measured and bound. */
#include "snas/graph/executor.h"

#include <assert.h>
#include <string.h>

#include "bind.h"
#include "snas/comm/comm.h"
#include "snas/comm/share.h"
#include "snas/tensor/gemm.h"

/** Pictures that this rank has of any batch at most: ceil(N b / S) - ceil(N a / S) <= ceil(N (b - a) / S). */
static int own_pictures_most(const snas_executor *ex)
{
    return (int)(((int64_t)ex->batch * ex->own + ex->shards - 1) / ex->shards);
}

/** Shards that a thread takes at a time: so many that each thread still has some turns, since they may be held up. */
static int group_of(const snas_executor *ex)
{
    enum { TURNS = 8 };
    const int least = ex->team->threads == 1 ? 1 : TURNS * ex->team->threads;
    int group = 1;
    while (ex->own / (2 * group) >= least) {
        group *= 2;
    }
    return group;
}

static snas_status prepare(snas_arena *mem, const snas_team *team, const snas_program *plain,
                           const snas_executor_options *options, snas_executor **out)
{
    snas_executor *ex;
    SNAS_NEW(mem, ex, 1);
    *ex = (snas_executor){.team = team,
                          .f64 = options->f64,
                          .training = options->training,
                          .single_path = options->single_path,
                          .shared = options->shared,
                          .batch = options->batch,
                          .shards = options->shards == 0 ? SNAS_SHARDS_DEFAULT : options->shards,
                          .walks = 1,
                          .ranks = snas_comm_ranks(),
                          .rank = snas_comm_rank(),
                          .element = options->f64 ? sizeof(double) : sizeof(float)};
    assert(ex->shards >= 1 && ex->shards <= SNAS_SHARDS_MAX && ex->shards % ex->ranks == 0);
    ex->own = ex->shards / ex->ranks;
    ex->group = group_of(ex);
    ex->first_shard = snas_rank_first(ex->shards, ex->ranks, ex->rank);
    ex->slots = options->training ? own_pictures_most(ex) : team->threads;
    ex->slots = ex->slots < team->threads ? team->threads : ex->slots;
    SNAS_TRY(snas_kernel_set_choose(options->f64 ? "plain" : options->kernels, &ex->kernels));
    ex->program = plain;
    if (strcmp(ex->kernels, "plain") != 0) {
        snas_program *lowered;
        SNAS_TRY(snas_program_lower(plain, &lowered));
        lowered->recompute = options->training && options->recompute;
        ex->program = lowered;
    }
    SNAS_TRY(graph_schedule_make(ex->program, options->training, &ex->schedule));
    const graph_plan_options how = {.training = options->training, .single_path = options->single_path};
    SNAS_TRY(graph_plan_make(ex->program, &ex->schedule, &how, &ex->plan));
    SNAS_TRY(graph_measure(ex, mem));
    *out = ex;
    return SNAS_OK;
}

/* The plain convolution multiplies by BLAS, the fused kernels do not. */
static snas_status start_blas(const snas_executor *ex)
{
    for (int i = 0; i < ex->program->op_count; i++) {
        if (ex->kernel[i]->multiplies) {
            return snas_blas_start(ex->team->threads);
        }
    }
    return SNAS_OK;
}

static snas_status tell_needs(const snas_executor *ex)
{
    const double mib = 1024.0 * 1024.0;
    return snas_fail(SNAS_E_MEMORY,
                     "out of memory: the network takes %.1f MiB for its weights and %.1f MiB for a batch "
                     "of %d pictures",
                     (double)ex->parameter_bytes / mib, (double)ex->activation_bytes / mib, ex->batch);
}

snas_status snas_executor_create(snas_arena *mem, const snas_team *team, const snas_program *plain,
                                 const snas_executor_options *options, snas_executor **out)
{
    SNAS_TRY(prepare(mem, team, plain, options, out));
    SNAS_TRY(start_blas(*out));
    const snas_status bound = graph_bind(*out, mem);
    if (bound != SNAS_OK) {
        return bound == SNAS_E_MEMORY ? tell_needs(*out) : bound;
    }
    return graph_stages_make(*out, mem);
}

snas_status snas_executor_measure(snas_arena *mem, const snas_team *team, const snas_program *plain,
                                  const snas_executor_options *options, size_t *parameters, size_t *activations)
{
    snas_executor *ex;
    SNAS_TRY(prepare(mem, team, plain, options, &ex));
    *parameters = ex->parameter_bytes;
    *activations = ex->activation_bytes;
    return SNAS_OK;
}

snas_status snas_executor_peak(const snas_program *plain, snas_peak *out)
{
    static const graph_plan_options evaluation = {.training = false};
    snas_program *lowered;
    graph_schedule schedule;
    graph_plan plan;
    SNAS_TRY(snas_program_lower(plain, &lowered));
    SNAS_TRY(graph_schedule_make(lowered, false, &schedule));
    SNAS_TRY(graph_plan_make(lowered, &schedule, &evaluation, &plan));
    out->planned = plan.picture * (int64_t)sizeof(float);
    out->live = graph_live(lowered, &plan) * (int64_t)sizeof(float);
    return SNAS_OK;
}

void *snas_executor_weights(const snas_executor *ex)
{
    return ex->weights;
}

void *snas_executor_gradients(const snas_executor *ex)
{
    return ex->gradients;
}

void *snas_executor_buffers(const snas_executor *ex)
{
    return ex->buffers;
}

const snas_program *snas_executor_program(const snas_executor *ex)
{
    return ex->program;
}

const char *snas_executor_kernels(const snas_executor *ex)
{
    return ex->kernels;
}

void snas_executor_profile(snas_executor *ex, const snas_profile *profile)
{
    assert(profile == NULL || profile->threads >= ex->team->threads);
    ex->profile = profile;
}
