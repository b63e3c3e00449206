/* bench.c -- how fast a step is, what bounds it, what memory it takes, and where its time goes.
 *
 *      GFLOP/s = 2 * multiply-adds a picture * passes * batch / median step,    passes: 3 with the way back, 1 without,
 *                                                                               all of a step of two levels
 *      peak    = the best of several tries, before and after the steps, of multiply-adds on all threads at once
 */
#include "snas/judge/bench.h"
#include "snas/config/config.h"
#include "snas/judge/estimate.h"
#include "snas/learn/run_options.h"
#include "snas/space/genotype.h"

#include <stdlib.h>

#include "bench_cores.h"
#include "bench_many.h"
#include "bench_peak.h"
#include "bench_steps.h"
#include "estimate_fill.h"
#include "snas/base/clock.h"
#include "snas/base/order.h"
#include "snas/base/usage.h"
#include "snas/graph/profile.h"
#include "snas/tensor/gemm.h"

enum { WARM_UP_STEPS = 2, PROFILED_STEPS_MAX = 3 };
static const double mib = 1024.0 * 1024.0, giga = 1e9;

/* --- steps -------------------------------------------------------------------------------------------------------- */

/* The next step, over the epochs' ends. Its seconds, and those that it waited for pictures. */
static snas_status take_step(snas_loop *loop, double *seconds, double *waited)
{
    snas_loop_step step = {0};
    snas_loop_state *at = &loop->state;
    const double data = loop->data_seconds, started = snas_clock_seconds();
    SNAS_TRY(loop->task->step(loop, &step));
    *seconds = snas_clock_seconds() - started;
    *waited = loop->data_seconds - data;
    at->global_step++;
    at->step++;
    if (at->step == loop->steps_per_epoch) {
        at->step = 0;
        at->epoch++;
    }
    return SNAS_OK;
}

static snas_status take_timed_steps(snas_loop *loop, snas_benched *out)
{
    double *seconds, waited = 0.0, all = 0.0;
    SNAS_NEW(loop->mem, seconds, out->steps);
    const long allocations = snas_heap_allocations();
    const snas_comm_traffic before = snas_comm_traffic_now();
    for (int i = 0; i < out->steps; i++) {
        double wait;
        SNAS_TRY(take_step(loop, &seconds[i], &wait));
        waited += wait;
        all += seconds[i];
    }
    out->allocations_per_step = (double)(snas_heap_allocations() - allocations) / out->steps;
    snas_sort(seconds, out->steps);
    out->step_s_min = seconds[0];
    out->step_s_median = snas_median(seconds, out->steps);
    out->images_per_s = out->batch / out->step_s_median;
    out->data_wait_share = waited / all;
    bench_traffic_measure(&before, out->steps, all, &out->traffic);
    return SNAS_OK;
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

/* What a line sums up: one kind (or all) over some phases of either direction. */
static snas_bench_row sum_up(const snas_profile *profile, snas_op_kind kind, const snas_phase *phases, int forward,
                             int backward)
{
    snas_bench_row row = {.kernel = snas_operations_f32[kind]->name, .is_pass = true};
    for (int i = 0; i < forward + backward; i++) {
        const snas_timing t = snas_profile_sum(profile, kind, phases[i]);
        *(i < forward ? &row.forward_s : &row.backward_s) += t.seconds;
        *(i < forward ? &row.forward_calls : &row.backward_calls) += t.calls;
    }
    return row;
}

static void add_row(snas_bench_row *to, const snas_bench_row *from)
{
    to->forward_s += from->forward_s;
    to->backward_s += from->backward_s;
    to->forward_calls += from->forward_calls;
    to->backward_calls += from->backward_calls;
}

/* From all profiled steps and threads to one step. */
static void settle_row(snas_bench_row *row, const snas_benched *out, int steps)
{
    const double parts = (double)steps * out->threads;
    row->forward_s /= parts;
    row->backward_s /= parts;
    row->forward_calls /= steps;
    row->backward_calls /= steps;
    row->total_s = row->forward_s + row->backward_s;
    row->share = row->total_s / out->profiled_step_s;
}

static int compare_rows(const void *a, const void *b)
{
    const snas_bench_row *x = a, *y = b;
    return (x->total_s < y->total_s) - (x->total_s > y->total_s);
}

static snas_status make_table(snas_arena *mem, const snas_profile *profile, int steps, snas_benched *out)
{
    static const snas_phase passes[] = {SNAS_PHASE_STATISTICS, SNAS_PHASE_FORWARD, SNAS_PHASE_BACKWARD_STATISTICS,
                                        SNAS_PHASE_BACKWARD};
    static const snas_phase prepares[] = {SNAS_PHASE_PREPARE};
    static const snas_phase closes[] = {SNAS_PHASE_CLOSE, SNAS_PHASE_CLOSE_BACKWARD};
    enum { OTHERS = 3 };
    snas_bench_row *rows, prepare = {0}, close = {0};
    SNAS_NEW(mem, rows, SNAS_OP_COUNT + OTHERS);
    int count = 0;
    for (int kind = 0; kind < SNAS_OP_COUNT; kind++) {
        if (snas_operations_f32[kind] == NULL) {
            continue;
        }
        const snas_bench_row row = sum_up(profile, (snas_op_kind)kind, passes, 2, 2);
        const snas_bench_row packed = sum_up(profile, (snas_op_kind)kind, prepares, 1, 0);
        const snas_bench_row closed = sum_up(profile, (snas_op_kind)kind, closes, 1, 1);
        add_row(&prepare, &packed);
        add_row(&close, &closed);
        if (row.forward_calls + row.backward_calls > 0) {
            rows[count++] = row;
        }
    }
    prepare.kernel = "prepare";
    close.kernel = "close";
    rows[count++] = prepare;
    rows[count++] = close;
    double known = 0.0;
    for (int i = 0; i < count; i++) {
        settle_row(&rows[i], out, steps);
        known += rows[i].total_s;
    }
    qsort(rows, (size_t)count, sizeof rows[0], compare_rows);
    const double rest = out->profiled_step_s - known;
    rows[count++] = (snas_bench_row){.kernel = "rest", .total_s = rest, .share = rest / out->profiled_step_s};
    out->rows = rows;
    out->row_count = count;
    return SNAS_OK;
}

static snas_status take_profiled_steps(snas_loop *loop, snas_benched *out)
{
    snas_profile profile;
    bench_cores cores;
    double all = 0.0;
    const bool alone = out->threads == 1 && out->traffic.ranks == 1;
    const int steps = out->steps < PROFILED_STEPS_MAX ? out->steps : PROFILED_STEPS_MAX;
    SNAS_TRY(snas_profile_create(loop->mem, out->threads, &profile));
    snas_network_profile(loop->network, &profile);
    if (alone) {
        SNAS_TRY(bench_cores_begin(loop->mem, &cores));
    }
    snas_status status = SNAS_OK;
    for (int i = 0; i < steps && status == SNAS_OK; i++) {
        double seconds = 0.0, wait;
        status = take_step(loop, &seconds, &wait);
        all += seconds;
        if (alone) {
            bench_cores_step(&cores, seconds);
        }
    }
    snas_network_profile(loop->network, NULL);
    out->profiled_step_s = all / steps;
    if (alone) {
        bench_cores_end(&cores, &out->cores);
    }
    SNAS_TRY(status);
    return make_table(loop->mem, &profile, steps, out);
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

/* What is known before the first step. */
static snas_status describe(snas_loop *loop, const bench_kind *kind, const snas_genotype *genotype, snas_benched *out)
{
    const snas_loader_request *asked = snas_loader_asked(loop->train.loader);
    const int pictures = asked->selection.count;
    const snas_network_spec spec = bench_spec(loop->config, genotype, loop->dataset);
    const snas_network_options how = bench_network_options(loop->config, genotype, loop->options, kind->trains);
    snas_estimate needs = {0};
    loop->steps_per_epoch = pictures / asked->batch; /* whole batches only */
    if (loop->steps_per_epoch == 0) {
        return snas_fail(SNAS_E_USAGE, "a batch of %d does not fit into the %d pictures to train on", asked->batch,
                         pictures);
    }
    SNAS_TRY(judge_estimate_fill(loop->mem, &loop->options->team, &spec, &how, loop->dataset, &needs));
    size_t bytes = needs.parameter_bytes + needs.activation_bytes + needs.data_bytes + snas_loader_bytes(asked);
    if (kind->trains) {
        bytes += (size_t)snas_network_weight_count(loop->network) * sizeof(float); /* momentum */
    }
    out->step = kind->name;
    out->batch = asked->batch;
    out->channels = spec.channels;
    out->cells = spec.cells;
    out->side = spec.side;
    out->classes = spec.classes;
    out->stem = spec.stem;
    out->auxiliary = kind->trains ? spec.auxiliary : 0.0;
    out->threads = loop->options->team.threads;
    out->parameters = needs.parameters;
    out->planned_mib = (double)bytes / mib;
    out->kernel_set = snas_network_kernels(loop->network);
    out->blas = snas_blas_description();
    return bench_macs(loop->mem, loop->config, &spec, needs.macs, &out->macs);
}

snas_status snas_bench(snas_arena *mem, const snas_config *config, const snas_bench_options *options, snas_benched *out)
{
    const double started = snas_clock_seconds();
    const bench_kind *kind = bench_kind_of(options);
    const snas_run_options run = {.team = options->team, .kernels = options->kernels};
    snas_loop loop = {.task = kind->task, .config = config, .options = &run, .mem = mem, .scratch = mem};
    double seconds, wait;
    *out = (snas_benched){.steps = options->steps};
    SNAS_TRY(kind->task->prepare(&loop, options->genotype));
    SNAS_TRY(describe(&loop, kind, options->genotype, out));
    for (int i = 0; i < WARM_UP_STEPS; i++) {
        SNAS_TRY(take_step(&loop, &seconds, &wait));
        out->start_s = i == 0 ? snas_clock_seconds() - started : out->start_s;
    }
    const double before = judge_peak_gflops(&run.team, out->kernel_set);
    SNAS_TRY(take_timed_steps(&loop, out));
    out->peak_rss_mib = (double)snas_peak_bytes() / mib;
    const double after = judge_peak_gflops(&run.team, out->kernel_set);
    out->gflops = 2.0 * (double)out->macs * bench_passes(config, options) * out->images_per_s / giga;
    out->peak_gflops = before > after ? before : after;
    out->share_of_peak = out->gflops / out->peak_gflops;
    SNAS_TRY(take_profiled_steps(&loop, out));
    bench_model_make(out);
    return SNAS_OK;
}
