/* execute.c -- running a bound program: stage by stage, shard by shard, picture by picture.
 *
 * A shard is a fixed part of the batch; what is summed over pictures is summed within shards and then over them, the
 * same for any number of threads (shard_reduce.h).
 */
#include <assert.h>
#include <string.h>

#include "bind.h"
#include "snas/base/clock.h"
#include "snas/comm/share.h"
#include "snas/graph/executor.h"

enum { CLEARED = 32768 }; /* gradients that are cleared at a time */

/** What the threads of one stage see. */
typedef struct {
    snas_executor *ex;
    const graph_stage *stage;
    const snas_feed *step;
    bool evaluating; /* activations belong to threads, not pictures */
    bool backward;
    uint64_t walk; /* of shard 0 */
    int turn;      /* shards of a unit: a group */
} stage_run;

/** This step leaves out the candidate of a z slot. */
static bool is_off(const snas_feed *step, int gate)
{
    return step->sparse && gate != SNAS_NONE && step->z[gate] == 0.0;
}

/** Of no edge do two candidates run. */
static bool is_single_path(const snas_program *p, const snas_feed *step)
{
    for (int slot = 0, running = 0; slot < p->z_slots && p->edge_slots > 0; slot++) {
        running = slot % p->edge_slots == 0 ? 0 : running;
        running += !is_off(step, slot);
        if (running > 1) {
            return false;
        }
    }
    return true;
}

/** What this step runs, and how its shards are merged. */
static void set_up(snas_executor *ex, const snas_feed *step)
{
    int pictures[SNAS_SHARDS_MAX];
    assert(!ex->single_path || is_single_path(ex->program, step));
    for (int i = 0; i < ex->program->op_count; i++) {
        ex->off[i] = is_off(step, ex->program->ops[i].gate);
    }
    for (int shard = 0; shard < ex->shards; shard++) {
        pictures[shard] =
            snas_shard_first(step->count, ex->shards, shard + 1) - snas_shard_first(step->count, ex->shards, shard);
    }
    shard_tree_make(pictures + ex->first_shard, ex->own, &ex->tree);
    ex->first_image = snas_shard_first(step->count, ex->shards, ex->first_shard);
    if (ex->ranks > 1) {
        graph_ranks_meet(ex, pictures);
    }
}

/** A moment, when there is a profile to note it in. */
static double now(const snas_executor *ex)
{
    return ex->profile == NULL || ex->profile->operations > 0 ? 0.0 : snas_clock_seconds();
}

/** Of a profile by operation: this thread begins with something new. */
static void note_beginning(const snas_executor *ex, int thread)
{
    if (ex->profile != NULL && ex->profile->operations > 0) {
        snas_profile_begin(ex->profile, thread);
    }
}

static void note(const snas_executor *ex, int thread, int op, snas_phase phase, double started)
{
    if (ex->profile != NULL && ex->profile->operations > 0) {
        snas_profile_end(ex->profile, thread, op);
    } else if (ex->profile != NULL) {
        snas_timing *timing = snas_profile_at(ex->profile, thread, ex->program->ops[op].kind, phase);
        timing->seconds += snas_clock_seconds() - started;
        timing->calls++;
    }
}

_Static_assert((int)PASS_STATISTICS == (int)SNAS_PHASE_STATISTICS && (int)PASS_BACKWARD == (int)SNAS_PHASE_BACKWARD,
               "passes are the first phases");

static snas_prefetch picture_of(const snas_executor *ex, const snas_view *v, int slot)
{
    if (v->data == NULL) {
        return (snas_prefetch){NULL, NULL};
    }
    const char *at = (const char *)v->data + (size_t)(v->stride * slot) * ex->element;
    const int64_t elements = (int64_t)v->h * v->w * v->ld * (v->c / v->block);
    return (snas_prefetch){at, at + (size_t)elements * ex->element};
}

/** What the next item, or the first one with the next picture, reads and item i does not: it is prefetched. */
static void look_ahead(const stage_run *run, int i, int last, snas_context *pass_context)
{
    const snas_executor *ex = run->ex;
    const bool turns = i + 1 == run->stage->item_count;
    memset(pass_context->prefetch, 0, sizeof pass_context->prefetch);
    if (turns && (run->evaluating || pass_context->image + 1 == last)) {
        return;
    }
    const int slot = pass_context->slot + turns;
    const snas_task *now = &ex->tasks[run->stage->items[i].op];
    const snas_task *next = &ex->tasks[run->stage->items[turns ? 0 : i + 1].op];
    const bool other = next->inputs > 0 && (turns || now->inputs == 0 || next->x[0].id != now->x[0].id);
    if (other) {
        pass_context->prefetch[0] = picture_of(ex, &next->x[0], slot);
    }
    if (run->backward && next->norm != NULL) {
        const bool same = !turns && now->norm != NULL && next->norm->g.data == now->norm->g.data;
        pass_context->prefetch[1] = picture_of(ex, &next->y, slot);
        pass_context->prefetch[3] = same ? (snas_prefetch){NULL, NULL} : picture_of(ex, &next->norm->g, slot);
    }
    if (run->backward && other) {
        pass_context->prefetch[2] = picture_of(ex, &next->dx[0], slot);
    }
}

/** Look at what an operation of an evaluation has written. */
static void look_for_overflow(const stage_run *run, int op, const snas_context *pass_context)
{
    const snas_executor *ex = run->ex;
    const snas_task *t = &ex->tasks[op];
    const snas_norm *folded = t->norm != &ex->norms[op] ? t->norm : NULL;
    const bool finite = ex->f64 ? snas_output_finite_f64(t, folded, pass_context->slot)
                                : snas_output_finite_f32(t, folded, pass_context->slot);
    run->step->overflows[pass_context->image] |= !finite;
}

static void run_item(const stage_run *run, int i, const snas_context *pass_context, int thread)
{
    const snas_executor *ex = run->ex;
    const graph_item *item = &run->stage->items[i];
    for (int z = 0; z < item->zero_count; z++) {
        const snas_block *block = &ex->zeros[item->zero_first + z];
        if (is_off(run->step, block->gate)) {
            continue; /* nobody adds to it, and others may use its memory */
        }
        const size_t at = (size_t)(ex->plan.picture * pass_context->slot + block->offset);
        memset(ex->values + at * ex->element, 0, (size_t)block->size * ex->element);
    }
    if (ex->off[item->op]) {
        return;
    }
    const snas_kernel *k = ex->kernel[item->op];
    const snas_pass passes[PASS_COUNT] = {k->statistics, k->forward, k->backward_statistics, k->backward};
    const pass_kind pass = run->stage->passes[i];
    const double started = now(ex);
    passes[pass](&ex->tasks[item->op], run->step, pass_context);
    note(ex, thread, item->op, (snas_phase)pass, started);
    if (run->evaluating && run->step->overflows != NULL) {
        look_for_overflow(run, item->op, pass_context);
    }
}

static shard_rows rows_of(const stage_run *run)
{
    return (shard_rows){.row = run->stage->sums, .rows = run->ex->sums, .off = run->ex->off, .group = run->ex->group};
}

/** The sums of a shard are complete. */
static void close_shard(const stage_run *run, int shard, int pictures, int thread)
{
    const snas_executor *ex = run->ex;
    for (int i = 0; i < run->stage->finalize_count; i++) {
        const int op = run->stage->finalizes[i];
        if (ex->kernel[op]->close_shard != NULL && !ex->off[op]) {
            const double started = now(ex);
            ex->kernel[op]->close_shard(&ex->tasks[op], shard_row_of(shard, ex->group), pictures);
            note(ex, thread, op, SNAS_PHASE_CLOSE, started);
        }
    }
}

/** The first picture of a shard, counted from the first one of this rank. */
static int first_picture(const stage_run *run, int shard)
{
    return snas_shard_first(run->step->count, run->ex->shards, run->ex->first_shard + shard);
}

/** Pictures up to `end` are this thread's next ones. */
static void run_shard(const stage_run *run, int shard, int end, int thread)
{
    const snas_executor *ex = run->ex;
    const int first = first_picture(run, shard), last = first_picture(run, shard + 1);
    const bool sums = run->stage->sums != NULL && first < last;
    if (sums) {
        const shard_rows rows = rows_of(run);
        shard_clear(&rows, shard);
    }
    for (int image = first; image < last; image++) {
        snas_context pass_context = {.image = image,
                                     .slot = run->evaluating ? thread : image - ex->first_image,
                                     .shard = shard_row_of(shard, ex->group),
                                     .opens = image == first,
                                     .walk = run->walk + (uint64_t)shard,
                                     .scratch = ex->scratch + (size_t)thread * ex->scratch_bytes,
                                     .cache = ex->cache + (size_t)thread * ex->cache_bytes};
        for (int i = 0; i < run->stage->item_count; i++) {
            look_ahead(run, i, end, &pass_context);
            run_item(run, i, &pass_context, thread);
        }
    }
    if (sums && !run->backward) {
        close_shard(run, shard, last - first, thread);
    }
}

static void merge_group(const stage_run *run, int shard, int thread)
{
    const snas_executor *ex = run->ex;
    const shard_row *row = run->stage->sums;
    const double started = now(ex);
    if (row == NULL || row->segment_count == 0 || ex->group == 1) {
        return;
    }
    const shard_rows rows = rows_of(run);
    shard_merge_group(&rows, &ex->tree, shard);
    note(ex, thread, row->segments[0].op, run->backward ? SNAS_PHASE_CLOSE_BACKWARD : SNAS_PHASE_CLOSE, started);
}

/** Neighbouring shards, one after the other. */
static void run_turn(void *context, int unit, int thread)
{
    const stage_run *run = context;
    const snas_executor *ex = run->ex;
    const int end_of_group = (unit * run->turn / ex->group + 1) * ex->group;
    const int end = end_of_group < ex->own ? end_of_group : ex->own;
    if (ex->team->threads > 1) {
        note_beginning(ex, thread); /* it may have waited */
    }
    for (int shard = unit * run->turn; shard < (unit + 1) * run->turn && shard < end; shard++) {
        run_shard(run, shard, first_picture(run, end), thread);
        merge_group(run, shard, thread);
    }
}

/** Part of the sums over shards. */
static void run_reduction(void *context, int unit, int thread)
{
    const stage_run *run = context;
    const shard_row *row = run->stage->sums;
    const shard_rows rows = rows_of(run);
    const double started = now(run->ex);
    shard_reduce(&rows, &run->ex->tree, unit);
    note(run->ex, thread, row->segments[row->spans[row->units[unit]].segment].op,
         run->backward ? SNAS_PHASE_CLOSE_BACKWARD : SNAS_PHASE_CLOSE, started);
}

static void finalize(const stage_run *run, int op)
{
    const snas_kernel *k = run->ex->kernel[op];
    const snas_finalize what = run->backward ? k->backward_finalize : k->finalize;
    if (what != NULL) {
        what(&run->ex->tasks[op], run->step);
    }
}

/** The weight gradient of one operation, from the sums of all shards. */
static void collect(const stage_run *run, int op)
{
    const snas_executor *ex = run->ex;
    const snas_task *t = &ex->tasks[op];
    if (ex->kernel[op]->collect != NULL) {
        ex->kernel[op]->collect(t);
        return;
    }
    const char *from = snas_sharded_at(&t->partial, 0);
    for (int j = 0; j < SNAS_OPERATION_PARAMETERS; j++) {
        const size_t bytes = (size_t)t->weight_count[j] * ex->element;
        if (bytes > 0) {
            memcpy(t->dweight[j], from, bytes);
        }
        from += bytes;
    }
}

/** What closes a stage: batch statistics and weight gradients, an operation a unit. */
static void run_closing(void *context, int i, int thread)
{
    const stage_run *run = context;
    const int finalizes = run->stage->finalize_count;
    const int op = i < finalizes ? run->stage->finalizes[i] : run->stage->collects[i - finalizes];
    const double started = now(run->ex);
    if (run->ex->off[op]) {
        return;
    }
    if (i < finalizes) {
        finalize(run, op);
    } else {
        collect(run, op);
    }
    note(run->ex, thread, op, run->backward ? SNAS_PHASE_CLOSE_BACKWARD : SNAS_PHASE_CLOSE, started);
}

static void run_stage(stage_run *run)
{
    snas_executor *ex = run->ex;
    run->walk = ex->walks;
    ex->walks += (uint64_t)ex->own;
    /* One thread takes all shards in order: under a profile each as a unit, as many threads would have them. */
    run->turn = ex->profile != NULL && ex->team->threads == 1 ? 1 : ex->group;
    snas_team_run(ex->team, (ex->own + run->turn - 1) / run->turn, run_turn, run);
    if (run->stage->sums != NULL) {
        snas_team_run(ex->team, ex->own > ex->group ? run->stage->sums->unit_count : 0, run_reduction, run);
        if (ex->ranks > 1) {
            const shard_rows rows = rows_of(run);
            graph_ranks_reduce(ex, &rows);
        }
        snas_team_run(ex->team, run->stage->finalize_count + run->stage->collect_count, run_closing, run);
    }
}

/** Once a pass: weights in the kernels' form; in evaluation the norms' vectors too, once for all passes with the same
 *  weights. */
static void run_prepare(void *context, int op, int thread)
{
    const stage_run *run = context;
    const snas_kernel *k = run->ex->kernel[op];
    const double started = now(run->ex);
    if (run->ex->team->threads > 1) {
        note_beginning(run->ex, thread);
    }
    if (run->ex->off[op] || run->ex->ready[op]) {
        return;
    }
    run->ex->ready[op] = run->evaluating;
    if (k->prepare != NULL) {
        k->prepare(&run->ex->tasks[op], run->ex->training && !run->evaluating);
    }
    if (run->evaluating && k->evaluate != NULL) {
        k->evaluate(&run->ex->tasks[op], run->step);
    }
    note(run->ex, thread, op, SNAS_PHASE_PREPARE, started);
}

void snas_executor_forward(snas_executor *ex, snas_feed *step)
{
    stage_run run = {.ex = ex, .step = step, .evaluating = step->mode == SNAS_PASS_EVALUATE};
    assert(run.evaluating || ex->training);
    note_beginning(ex, 0);
    step->batch = ex->batch;
    set_up(ex, step);
    if (!run.evaluating || !step->same_weights) {
        memset(ex->ready, 0, (size_t)ex->program->op_count * sizeof *ex->ready);
    }
    snas_team_run(ex->team, ex->program->op_count, run_prepare, &run);
    if (run.evaluating) {
        run.stage = &ex->evaluation;
        run_stage(&run);
    }
    for (int s = 0; s < ex->schedule.forward_stages && !run.evaluating; s++) {
        run.stage = &ex->stages[s];
        run_stage(&run);
    }
    if (ex->ranks > 1) {
        graph_ranks_gather(ex, step);
    }
}

/** Gradients of what does not run are zero. */
static void clear_gradients(void *context, int unit, int thread)
{
    const snas_executor *ex = context;
    const int64_t first = (int64_t)unit * CLEARED, left = ex->program->weight_count - first;
    (void)thread;
    memset((char *)ex->gradients + (size_t)first * ex->element, 0,
           (size_t)(left < CLEARED ? left : CLEARED) * ex->element);
}

void snas_executor_backward(snas_executor *ex, snas_feed *step)
{
    stage_run run = {.ex = ex, .step = step, .backward = true};
    set_up(ex, step);
    snas_team_run(ex->team, (int)((ex->program->weight_count + CLEARED - 1) / CLEARED), clear_gradients, ex);
    if (step->dz != NULL) {
        memset(step->dz, 0, (size_t)ex->program->z_slots * sizeof *step->dz);
    }
    if (step->mask_sums != NULL) {
        memset(step->mask_sums, 0, (size_t)ex->program->mask_slots * sizeof *step->mask_sums);
    }
    for (int s = ex->schedule.forward_stages; s < ex->schedule.stages; s++) {
        run.stage = &ex->stages[s];
        run_stage(&run);
    }
}
