/* verify.c -- the one training step of a case, and how far it is from what PyTorch computed in double precision.
 *
 *     relative error |a - b| / |b|,   of a gradient tensor |a - b| / (|b| + 1e-5 max |b|)
 *
 * How weights and logits have moved is verify_moves.c's, a case of several steps trajectory.c's.
 */
#include "snas/judge/verify.h"

#include <math.h>
#include <string.h>

#include "snas/base/log.h"
#include "snas/base/order.h"
#include "snas/base/text.h"
#include "trajectory.h"
#include "verify_compare.h"

static const double SHARP = 1e-9;          /* allowed of every measure in double precision */
static const double GRADIENT_FLOOR = 1e-5; /* of the largest gradient norm */

/* In single precision: allowed = max(times * own, least). */
static const struct {
    const char *name, *brief;
    double times, least;
} MEASURES[SNAS_MEASURE_COUNT] = {
    [SNAS_MEASURE_LOGITS] = {"logits", "logits", 5, 1e-4},
    [SNAS_MEASURE_LOSS] = {"loss", "loss", 5, 1e-5},
    [SNAS_MEASURE_PENALTY] = {"penalty", "penalty R", 0, 1e-6},
    [SNAS_MEASURE_Z] = {"z", "samples z", 5, 1e-6},
    [SNAS_MEASURE_GRAD_MEDIAN] = {"grad_median", "gradients, median", 5, 1e-2},
    [SNAS_MEASURE_GRAD_MAX] = {"grad_max", "gradients, largest", 0, HUGE_VAL},
    [SNAS_MEASURE_GRAD_ALL] = {"grad_all", "gradients, as one", 5, 5e-2},
    [SNAS_MEASURE_ALPHA] = {"alpha", "logit gradients", 0, HUGE_VAL},
    [SNAS_MEASURE_RUNNING] = {"running", "running statistics", 0, 2e-6},
    [SNAS_MEASURE_CHANGE] = {"change", "weights, change", 5, 5e-2},
    [SNAS_MEASURE_MOMENTUM] = {"momentum", "momentum", 5, 5e-2},
    [SNAS_MEASURE_LOGIT_CHANGE] = {"logit_change", "logits, change", 0, HUGE_VAL},
};

static snas_status compare_scalars(const verify_comparison *k)
{
    const struct {
        snas_measure measure;
        const char *name;
        double value;
    } rows[] = {{SNAS_MEASURE_LOSS, "loss", k->run->loss}, {SNAS_MEASURE_PENALTY, "penalty", k->run->penalty}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const double *b;
        SNAS_TRY(verify_wanted(k, "expect.", rows[i].name, 1, false, &b));
        verify_set(k, rows[i].measure, verify_relative(verify_compare(&rows[i].value, b, 1), 0));
    }
    const double *a, *b;
    const int64_t count = (int64_t)k->c->batch * k->c->classes;
    SNAS_TRY(verify_widen(k, snas_network_logits(k->run->network), count, &a));
    SNAS_TRY(verify_wanted(k, "expect.", "logits", count, false, &b));
    verify_set(k, SNAS_MEASURE_LOGITS, verify_relative(verify_compare(a, b, count), 0));
    return SNAS_OK;
}

static snas_status compare_running(const verify_comparison *k)
{
    verify_squares all = {0};
    const double *a, *b;
    SNAS_TRY(verify_widen(k, snas_network_buffers(k->run->network), snas_network_buffer_values(k->run->network), &a));
    for (int i = 0; i < snas_network_buffer_count(k->run->network); i++) {
        const snas_parameter *p = snas_network_buffer(k->run->network, i);
        SNAS_TRY(verify_wanted(k, "after.", p->name, p->count, false, &b));
        verify_add(&all, verify_compare(a + p->first, b, p->count));
    }
    verify_set(k, SNAS_MEASURE_RUNNING, verify_relative(all, 0));
    return SNAS_OK;
}

static snas_status compare_z(const verify_comparison *k)
{
    verify_squares all = {0};
    const int64_t row = (int64_t)k->c->logits.edges * k->c->logits.candidates;
    for (int type = 0; k->c->supernet && type < k->c->logits.types; type++) {
        const double *b;
        const char *name = k->c->search.space->type_names[type];
        SNAS_TRY(verify_wanted(k, "input.z_", name, row, false, &b));
        verify_add(&all, verify_compare(k->run->searcher.distribution.draw.z + type * row, b, row));
    }
    verify_set(k, SNAS_MEASURE_Z, verify_relative(all, 0));
    return SNAS_OK;
}

/* One gradient tensor. */
typedef struct {
    const char *name;
    verify_squares s;
    bool logits;
} gradient;

/* All gradient tensors that the case has, or that are not zero here. */
static snas_status list_gradients(const verify_comparison *k, gradient *list, int *count)
{
    const double *a, *b;
    const int parameters = snas_network_parameter_count(k->run->network);
    const int64_t row = (int64_t)k->c->logits.edges * k->c->logits.candidates;
    SNAS_TRY(verify_widen(k, snas_network_gradients(k->run->network), snas_network_weight_count(k->run->network), &a));
    for (int i = 0; i < parameters + k->c->logits.types; i++) {
        const snas_parameter *p = i < parameters ? snas_network_parameter(k->run->network, i) : NULL;
        const int type = i - parameters;
        gradient g = {.logits = p == NULL};
        g.name = p != NULL ? p->name : snas_format(k->mem, "%s_log_alpha", k->c->search.space->type_names[type]);
        SNAS_TRY(snas_taken(g.name));
        const int64_t numbers = p != NULL ? p->count : row;
        SNAS_TRY(verify_wanted(k, "grad.", g.name, numbers, true, &b));
        g.s = verify_compare(p != NULL ? a + p->first : k->run->searcher.distribution.d_log_alpha + type * row, b,
                             numbers);
        if (b != NULL || g.s.gap != 0.0) {
            list[(*count)++] = g;
        }
    }
    return SNAS_OK;
}

static snas_status compare_gradients(const verify_comparison *k)
{
    gradient *list;
    double *each, largest = 0.0, worst = -1.0;
    int count = 0;
    const int room = snas_network_parameter_count(k->run->network) + k->c->logits.types;
    SNAS_NEW(k->mem, list, room);
    SNAS_NEW(k->mem, each, room + 1);
    SNAS_TRY(list_gradients(k, list, &count));
    verify_squares all = {0}, logits = {0};
    for (int i = 0; i < count; i++) {
        largest = fmax(largest, sqrt(list[i].s.norm));
        verify_add(&all, list[i].s);
        if (list[i].logits) {
            verify_add(&logits, list[i].s);
        }
    }
    const double floor = GRADIENT_FLOOR * largest;
    for (int i = 0; i < count; i++) {
        each[i] = verify_relative(list[i].s, floor);
        if (!isnan(worst) && !(each[i] <= worst)) {
            worst = each[i];
            k->out->worst = list[i].name;
        }
    }
    snas_sort(each, count);
    verify_set(k, SNAS_MEASURE_GRAD_MEDIAN, each[count / 2]);
    verify_set(k, SNAS_MEASURE_GRAD_MAX, count > 0 ? each[count - 1] : 0.0);
    verify_set(k, SNAS_MEASURE_GRAD_ALL, verify_relative(all, 0));
    verify_set(k, SNAS_MEASURE_ALPHA, verify_relative(logits, floor));
    return SNAS_OK;
}

/* --- the verdict -------------------------------------------------------------------------------------------------- */

/* Say how many tensors of the file belong to nothing here. */
static void note_extras(const verify_comparison *k)
{
    static const char *const PREFIXES[] = {"input.", "expect.", "grad.", "after.", "change.", "momentum."};
    int extras = 0;
    const char *first = "";
    for (int i = 0; i < k->c->file.count; i++) {
        const char *name = k->c->file.tensors[i].name;
        bool known = k->c->supernet && snas_ends(name, "_log_alpha");
        for (size_t j = 0; j < sizeof PREFIXES / sizeof PREFIXES[0]; j++) {
            known = known || snas_starts(name, PREFIXES[j]);
        }
        for (int j = 0; !known && j < snas_network_parameter_count(k->run->network); j++) {
            known = strcmp(name, snas_network_parameter(k->run->network, j)->name) == 0;
        }
        if (!known) {
            first = extras++ == 0 ? name : first;
        }
    }
    if (extras > 0) {
        char shown[128];
        snas_log(SNAS_LOG_INFO, "'%s': tensors that this network does not have are ignored: %d, first '%s'", k->c->path,
                 extras, snas_printable(shown, sizeof shown, first));
    }
}

static void judge(const verify_comparison *k)
{
    k->out->pass = true;
    for (int i = 0; i < SNAS_MEASURE_COUNT; i++) {
        snas_verify_error *m = &k->out->measures[i];
        const snas_json *own = snas_json_find(k->c->float32_error, MEASURES[i].name);
        m->name = MEASURES[i].name;
        m->brief = MEASURES[i].brief;
        m->own = own != NULL && own->kind == SNAS_JSON_NUMBER ? own->number : (double)NAN;
        m->allowed = k->f64 ? SHARP : fmax(MEASURES[i].least, MEASURES[i].times * m->own);
        m->pass = m->error <= m->allowed || (isinf(m->allowed) && !isnan(m->error));
        k->out->pass = k->out->pass && m->pass;
    }
}

/* Compare what the step made with what the case wants. */
static snas_status compare_all(const verify_comparison *k)
{
    SNAS_TRY(compare_scalars(k));
    SNAS_TRY(compare_z(k));
    SNAS_TRY(compare_gradients(k));
    SNAS_TRY(compare_running(k));
    SNAS_TRY(verify_compare_moves(k));
    judge(k);
    return SNAS_OK;
}

snas_status snas_verify(snas_arena *mem, const char *path, const snas_verify_options *options, snas_verified *out)
{
    verify_case c;
    verify_run run;
    SNAS_TRY(verify_case_load(mem, path, &c));
    SNAS_TRY(verify_run_create(mem, &c, options, &run));
    const verify_comparison k = {.mem = mem, .c = &c, .run = &run, .f64 = options->f64, .out = out};
    *out = (snas_verified){.supernet = c.supernet, .worst = "", .kernels = snas_network_kernels(run.network)};
    note_extras(&k);
    if (c.steps > 0) {
        return trajectory_run(mem, &run, options, out);
    }
    const snas_status status = verify_run_step(&run, 0);
    SNAS_TRY(status == SNAS_E_NUMERIC ? SNAS_OK : status); /* the comparison says it */
    return compare_all(&k);
}
