/* verify.c -- one training step of a case, and how far it is from what PyTorch computed in double precision.
 *
 *     z = softmax((log alpha + G) / tau),   L = cross entropy(network(x, z)) + lambda R(z)
 *     relative error |a - b| / |b|,   of a gradient tensor |a - b| / (|b| + 1e-5 max |b|)
 */
#include "snas/run/verify.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run_network.h"
#include "snas/base/log.h"
#include "snas/base/text.h"
#include "snas/model/network.h"
#include "snas/space/cost.h"
#include "verify_case.h"

static const double SHARP = 1e-9;          /* allowed of every measure in double precision */
static const double GRADIENT_FLOOR = 1e-5; /* of the largest gradient norm */

/* In single precision: allowed = max(times * own, least). */
static const struct {
    const char *name, *brief;
    double times, least;
} MEASURES[SNAS_MEASURE_COUNT] = {
    [SNAS_MEASURE_LOGITS] = {"logits",      "logits",             5, 1e-4    },
    [SNAS_MEASURE_LOSS] = {"loss",        "loss",               5, 1e-5    },
    [SNAS_MEASURE_PENALTY] = {"penalty",     "penalty R",          0, 1e-6    },
    [SNAS_MEASURE_Z] = {"z",           "samples z",          0, 1e-6    },
    [SNAS_MEASURE_GRAD_MEDIAN] = {"grad_median", "gradients, median",  5, 1e-2    },
    [SNAS_MEASURE_GRAD_MAX] = {"grad_max",    "gradients, largest", 0, HUGE_VAL},
    [SNAS_MEASURE_GRAD_ALL] = {"grad_all",    "gradients, as one",  5, 5e-2    },
    [SNAS_MEASURE_ALPHA] = {"alpha",       "logit gradients",    0, HUGE_VAL},
    [SNAS_MEASURE_RUNNING] = {"running",     "running statistics", 0, 2e-6    },
};

/* What the step gave, beside what the case wants. */
typedef struct {
    snas_arena *mem;
    const verify_case *c;
    snas_network *network;
    bool f64;
    double loss, penalty;
    double *d_log_alpha; /* [2][E][K] */
    snas_verified *out;
} comparison;

/* --- errors --------------------------------------------------------------------------------------------------------- */

/* |a - b| and |b|, squared, added up. */
typedef struct {
    double gap, norm;
} squares;

static squares compare(const double *a, const double *b, int64_t count)
{
    squares s = {0};
    for (int64_t i = 0; i < count; i++) {
        const double wanted = b == NULL ? 0.0 : b[i], gap = a[i] - wanted;
        s.gap += gap * gap;
        s.norm += wanted * wanted;
    }
    return s;
}

static void add(squares *to, squares s)
{
    to->gap += s.gap;
    to->norm += s.norm;
}

static double relative(squares s, double floor)
{
    const double below = sqrt(s.norm) + floor;
    return s.gap == 0.0 ? 0.0 : sqrt(s.gap) / (below + 1e-30);
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    /* NaN last */
    return isnan(x) || isnan(y) ? isnan(x) - isnan(y) : (x > y) - (x < y);
}

static void set(const comparison *k, snas_measure measure, double error)
{
    k->out->measures[measure].error = error;
}

/* Numbers of the network's type as doubles. */
static snas_status widen(const comparison *k, const void *from, int64_t count, const double **out)
{
    double *to;
    SNAS_NEW(k->mem, to, count);
    for (int64_t i = 0; i < count; i++) {
        to[i] = k->f64 ? ((const double *)from)[i] : (double)((const float *)from)[i];
    }
    *out = to;
    return SNAS_OK;
}

/* The case's tensor prefix + name; NULL when it may be and is missing. */
static snas_status wanted(const comparison *k, const char *prefix, const char *name, int64_t count,
                          bool optional, const double **out)
{
    const char *full = snas_format(k->mem, "%s%s", prefix, name);
    *out = NULL;
    if (full == NULL) {
        return SNAS_E_MEMORY;
    }
    return optional && snas_tensor_find(&k->c->file, full) == NULL
               ? SNAS_OK
               : verify_case_tensor(k->mem, k->c, full, count, out);
}

static snas_status compare_scalars(const comparison *k)
{
    const struct {
        snas_measure measure;
        const char *name;
        double value;
    } rows[] = {
        {SNAS_MEASURE_LOSS,    "loss",    k->loss   },
        {SNAS_MEASURE_PENALTY, "penalty", k->penalty}
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const double *b;
        SNAS_TRY(wanted(k, "expect.", rows[i].name, 1, false, &b));
        set(k, rows[i].measure, relative(compare(&rows[i].value, b, 1), 0));
    }
    const double *a, *b;
    const int64_t count = (int64_t)k->c->batch * k->c->classes;
    SNAS_TRY(widen(k, snas_network_logits(k->network), count, &a));
    SNAS_TRY(wanted(k, "expect.", "logits", count, false, &b));
    set(k, SNAS_MEASURE_LOGITS, relative(compare(a, b, count), 0));
    return SNAS_OK;
}

static snas_status compare_running(const comparison *k)
{
    squares all = {0};
    const double *a, *b;
    SNAS_TRY(
        widen(k, snas_network_buffers(k->network), snas_network_buffer_values(k->network), &a));
    for (int i = 0; i < snas_network_buffer_count(k->network); i++) {
        const snas_parameter *p = snas_network_buffer(k->network, i);
        SNAS_TRY(wanted(k, "after.", p->name, p->count, false, &b));
        add(&all, compare(a + p->first, b, p->count));
    }
    set(k, SNAS_MEASURE_RUNNING, relative(all, 0));
    return SNAS_OK;
}

static snas_status compare_z(const comparison *k)
{
    squares all = {0};
    const int64_t row = (int64_t)k->c->logits.edges * k->c->logits.candidates;
    for (int type = 0; k->c->supernet && type < k->c->logits.types; type++) {
        const double *b;
        const char *name = snas_space_find("darts")->type_names[type];
        SNAS_TRY(wanted(k, "input.z_", name, row, false, &b));
        add(&all, compare(k->c->draw.z + type * row, b, row));
    }
    set(k, SNAS_MEASURE_Z, relative(all, 0));
    return SNAS_OK;
}

/* One gradient tensor. */
typedef struct {
    const char *name;
    squares s;
    bool logits;
} gradient;

/* All gradient tensors that the case has, or that are not zero here. */
static snas_status list_gradients(const comparison *k, gradient *list, int *count)
{
    const double *a, *b;
    const int parameters = snas_network_parameter_count(k->network);
    const int64_t row = (int64_t)k->c->logits.edges * k->c->logits.candidates;
    SNAS_TRY(
        widen(k, snas_network_gradients(k->network), snas_network_weight_count(k->network), &a));
    for (int i = 0; i < parameters + k->c->logits.types; i++) {
        const snas_parameter *p = i < parameters ? snas_network_parameter(k->network, i) : NULL;
        const int type = i - parameters;
        gradient g = {.logits = p == NULL};
        g.name = p != NULL ? p->name
                           : snas_format(k->mem, "%s_log_alpha",
                                         snas_space_find("darts")->type_names[type]);
        if (g.name == NULL) {
            return SNAS_E_MEMORY;
        }
        const int64_t numbers = p != NULL ? p->count : row;
        SNAS_TRY(wanted(k, "grad.", g.name, numbers, true, &b));
        g.s = compare(p != NULL ? a + p->first : k->d_log_alpha + type * row, b, numbers);
        if (b != NULL || g.s.gap != 0.0) {
            list[(*count)++] = g;
        }
    }
    return SNAS_OK;
}

static snas_status compare_gradients(const comparison *k)
{
    gradient *list;
    double *each, largest = 0.0, worst = -1.0;
    int count = 0;
    const int room = snas_network_parameter_count(k->network) + k->c->logits.types;
    SNAS_NEW(k->mem, list, room);
    SNAS_NEW(k->mem, each, room + 1);
    SNAS_TRY(list_gradients(k, list, &count));
    squares all = {0}, logits = {0};
    for (int i = 0; i < count; i++) {
        largest = fmax(largest, sqrt(list[i].s.norm));
        add(&all, list[i].s);
        if (list[i].logits) {
            add(&logits, list[i].s);
        }
    }
    const double floor = GRADIENT_FLOOR * largest;
    for (int i = 0; i < count; i++) {
        each[i] = relative(list[i].s, floor);
        if (!isnan(worst) && !(each[i] <= worst)) {
            worst = each[i];
            k->out->worst = list[i].name;
        }
    }
    qsort(each, (size_t)count, sizeof *each, by_value);
    set(k, SNAS_MEASURE_GRAD_MEDIAN, each[count / 2]);
    set(k, SNAS_MEASURE_GRAD_MAX, count > 0 ? each[count - 1] : 0.0);
    set(k, SNAS_MEASURE_GRAD_ALL, relative(all, 0));
    set(k, SNAS_MEASURE_ALPHA, relative(logits, floor));
    return SNAS_OK;
}

/* --- the step ------------------------------------------------------------------------------------------------------- */

static snas_status make_network(const comparison *k, const snas_verify_options *options,
                                snas_network **out)
{
    const verify_case *c = k->c;
    const snas_network_spec spec = {.space = snas_space_find("darts"),
                                    .genotype = c->supernet ? NULL : &c->genotype,
                                    .channels = c->channels,
                                    .cells = c->cells,
                                    .classes = c->classes,
                                    .side = c->side};
    snas_network_options how =
        run_network_options(c->batch, options->f64 ? NULL : options->kernels);
    how.dtype = options->f64 ? SNAS_F64 : SNAS_F32;
    const snas_status status = snas_network_create(k->mem, &options->team, &spec, &how, out);
    if (status == SNAS_E_USAGE) { /* of a config; here it is data */
        const char *sentence = snas_format(k->mem, "'%s': %s", c->path, snas_error());
        return sentence == NULL ? SNAS_E_MEMORY : snas_fail(SNAS_E_DATA, "%s", sentence);
    }
    SNAS_TRY(status);
    return snas_network_load(*out, &c->file, "", false);
}

/* R of the draw, and dz += lambda dR/dz. */
static snas_status price(comparison *k, const int *row_of_cell, double *dz)
{
    const verify_case *c = k->c;
    const snas_penalty penalty = {
        .terms = SNAS_TERMS_ALL, .logarithmic = c->logarithmic, .ratio = 1.0};
    const int count = c->draw.rows * c->logits.edges * c->logits.candidates;
    snas_cost_table table;
    double *dR;
    SNAS_NEW(k->mem, dR, count);
    SNAS_TRY(snas_cost_table_create(k->mem, snas_space_find("darts"), c->channels, c->cells,
                                    c->side, &table));
    k->penalty = snas_penalty_value(&penalty, &table, c->draw.z, row_of_cell, c->draw.rows, dR);
    for (int i = 0; i < count; i++) {
        dz[i] += c->lambda * dR[i];
    }
    return SNAS_OK;
}

/* The pictures in the network's type. */
static snas_status narrow(const comparison *k, const void **out)
{
    const int64_t count = (int64_t)k->c->batch * k->c->side * k->c->side * 3;
    float *to;
    *out = k->c->images;
    if (k->f64) {
        return SNAS_OK;
    }
    SNAS_NEW(k->mem, to, count);
    for (int64_t i = 0; i < count; i++) {
        to[i] = (float)k->c->images[i];
    }
    *out = to;
    return SNAS_OK;
}

static snas_status run_step(comparison *k)
{
    const verify_case *c = k->c;
    const snas_estimator *concrete = snas_estimator_find("concrete");
    const int row = c->logits.edges * c->logits.candidates;
    const void *images;
    int *row_of_cell;
    double *dz;
    SNAS_TRY(narrow(k, &images));
    SNAS_NEW(k->mem, row_of_cell, c->cells);
    SNAS_NEW(k->mem, dz, c->draw.rows * row);
    SNAS_NEW(k->mem, k->d_log_alpha, c->logits.types * row);
    for (int i = 0; i < c->cells; i++) {
        row_of_cell[i] = snas_space_place(snas_space_find("darts"), i, c->cells, c->channels).type;
    }
    snas_draw draw = c->draw;
    if (c->supernet) {
        concrete->draw(&c->logits, &draw);
    }
    const snas_batch batch = {.count = c->batch,
                              .images = images,
                              .labels = c->labels,
                              .z = c->supernet ? draw.z : NULL,
                              .row_of_cell = row_of_cell};
    snas_outcome outcome;
    snas_network_forward(k->network, &batch, SNAS_MODE_TRAIN, &outcome);
    snas_network_backward(k->network, &batch, c->supernet ? dz : NULL);
    k->loss = outcome.loss;
    if (!c->supernet) {
        return SNAS_OK;
    }
    SNAS_TRY(price(k, row_of_cell, dz));
    concrete->grad(&c->logits, &draw, dz, k->d_log_alpha);
    return SNAS_OK;
}

/* --- the verdict ---------------------------------------------------------------------------------------------------- */

/* Say how many tensors of the file belong to nothing here. */
static void note_extras(const comparison *k)
{
    static const char *const PREFIXES[] = {"input.", "expect.", "grad.", "after."};
    int extras = 0;
    const char *first = "";
    for (int i = 0; i < k->c->file.count; i++) {
        const char *name = k->c->file.tensors[i].name;
        bool known = k->c->supernet && snas_ends(name, "_log_alpha");
        for (size_t j = 0; j < sizeof PREFIXES / sizeof PREFIXES[0]; j++) {
            known = known || snas_starts(name, PREFIXES[j]);
        }
        for (int j = 0; !known && j < snas_network_parameter_count(k->network); j++) {
            known = strcmp(name, snas_network_parameter(k->network, j)->name) == 0;
        }
        if (!known) {
            first = extras++ == 0 ? name : first;
        }
    }
    if (extras > 0) {
        char shown[128];
        snas_log(SNAS_LOG_INFO,
                 "'%s': tensors that this network does not have are ignored: %d, first '%s'",
                 k->c->path, extras, snas_printable(shown, sizeof shown, first));
    }
}

static void judge(const comparison *k)
{
    k->out->pass = true;
    for (int i = 0; i < SNAS_MEASURE_COUNT; i++) {
        snas_measured *m = &k->out->measures[i];
        const snas_json *own = snas_json_find(k->c->float32_error, MEASURES[i].name);
        m->name = MEASURES[i].name;
        m->brief = MEASURES[i].brief;
        m->own = own != NULL && own->kind == SNAS_JSON_NUMBER ? own->number : (double)NAN;
        m->allowed = k->f64 ? SHARP : fmax(MEASURES[i].least, MEASURES[i].times * m->own);
        m->pass = m->error <= m->allowed || (isinf(m->allowed) && !isnan(m->error));
        k->out->pass = k->out->pass && m->pass;
    }
}

snas_status snas_verify(snas_arena *mem, const char *path, const snas_verify_options *options,
                        snas_verified *out)
{
    verify_case c;
    SNAS_TRY(verify_case_load(mem, path, &c));
    comparison k = {.mem = mem, .c = &c, .f64 = options->f64, .out = out};
    *out = (snas_verified){.supernet = c.supernet, .worst = ""};
    SNAS_TRY(make_network(&k, options, &k.network));
    note_extras(&k);
    SNAS_TRY(run_step(&k));
    out->kernels = snas_network_kernels(k.network);
    SNAS_TRY(compare_scalars(&k));
    SNAS_TRY(compare_z(&k));
    SNAS_TRY(compare_gradients(&k));
    SNAS_TRY(compare_running(&k));
    judge(&k);
    return SNAS_OK;
}
