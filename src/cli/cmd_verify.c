/* cmd_verify.c -- `snas verify`: a training step, or a trajectory of them, held against PyTorch's. */
#include <math.h>

#include "frame.h"
#include "snas/base/text.h"
#include "snas/judge/verify.h"

typedef struct {
    const char *path;
    int threads;
    bool f64, json;
} values;

static const cli_option OPTIONS[] = {
    ARG("CASE", values, path, "safetensors file with steps as PyTorch computed them"),
    FLAG("double", 0, values, f64, "plain kernels in double precision, held to 1e-9"),
    NUMBER("threads", "N", 1, 1024, values, threads, "else one a processor; same result"),
    FLAG("json", 0, values, json, "the errors as JSON"),
    OPTIONS_END,
};

static const char *number(snas_arena *mem, double value)
{
    const char *text = isfinite(value) ? snas_format(mem, "%.2e", value) : "-";
    return text == NULL ? "" : text;
}

static void print_table(cli_session *session, const snas_verified *verified)
{
    cli_print(session, "%-20s %9s %9s %9s\n", "measure", "error", "own", "allowed");
    for (int i = 0; i < SNAS_MEASURE_COUNT; i++) {
        const snas_verify_error *m = &verified->measures[i];
        const bool judged = isfinite(m->allowed);
        cli_print(session, "%-20s %9s %9s %9s  %s%s%s\n", m->brief,
                  isfinite(m->error) ? number(session->mem, m->error) : "nan", number(session->mem, m->own),
                  number(session->mem, m->allowed),
                  !m->pass ? "FAIL"
                  : judged ? "ok"
                           : "not judged",
                  i == SNAS_MEASURE_GRAD_MAX ? "  " : "", i == SNAS_MEASURE_GRAD_MAX ? verified->worst : "");
    }
}

static snas_status print_json(cli_session *session, const snas_verified *verified)
{
    snas_text text = snas_text_make(session->mem);
    snas_text_add(&text, "{");
    for (int i = 0; i < SNAS_MEASURE_COUNT; i++) {
        snas_text_next(&text, ", ");
        snas_text_add(&text, "\"%s\": ", verified->measures[i].name);
        snas_text_add_real(&text, verified->measures[i].error);
    }
    snas_text_add(&text, ", \"pass\": %s}\n", verified->pass ? "true" : "false");
    return cli_print_text(session, &text);
}

/* --- a trajectory ------------------------------------------------------------------------------------------------- */

enum { SHOWN = 5 }; /* steps of the curve that are printed, besides the first */

static void print_curve(cli_session *session, const snas_trajectory *t)
{
    const int every = t->steps > SHOWN ? t->steps / SHOWN : 1;
    cli_print(session, "%-20s %12s %9s %9s %9s\n", "step", "loss", "gap", "own", "allowed");
    for (int i = 0; i < t->steps; i++) {
        if (i == 0 || (i + 1) % every == 0) {
            cli_print(session, "%-20d %12.6f %9s %9s\n", i + 1, t->loss[i], number(session->mem, t->gap[i]),
                      number(session->mem, t->own[i]));
        }
    }
    cli_print(session, "%-20s %12s %9s %9s %9s  %s\n", "largest", "", number(session->mem, t->largest),
              number(session->mem, t->largest_own), number(session->mem, t->allowed), t->offender < 0 ? "ok" : "FAIL");
}

static void add_curve(snas_text *text, const char *name, const double *curve, int count)
{
    snas_text_add(text, ", \"%s\": [", name);
    for (int i = 0; i < count; i++) {
        snas_text_next(text, ", ");
        snas_text_add_real(text, curve[i]);
    }
    snas_text_add(text, "]");
}

static snas_status print_curve_json(cli_session *session, const snas_trajectory *t)
{
    snas_text text = snas_text_make(session->mem);
    const struct {
        const char *name;
        double value;
    } rows[] = {{"gap", t->largest}, {"own", t->largest_own}, {"allowed", t->allowed}};
    snas_text_add(&text, "{\"steps\": %d", t->steps);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snas_text_add(&text, ", \"%s\": ", rows[i].name);
        snas_text_add_real(&text, rows[i].value);
    }
    add_curve(&text, "losses", t->loss, t->steps);
    add_curve(&text, "gaps", t->gap, t->steps);
    add_curve(&text, "own_gaps", t->own, t->steps);
    snas_text_add(&text, ", \"pass\": %s}\n", t->offender < 0 ? "true" : "false");
    return cli_print_text(session, &text);
}

/* --- the verdict -------------------------------------------------------------------------------------------------- */

/* The sentence that names the offenders. */
static snas_status disagreement(cli_session *session, const char *path, const snas_verified *verified)
{
    snas_text text = snas_text_make(session->mem);
    const snas_trajectory *t = verified->trajectory;
    if (t != NULL) {
        return snas_fail(SNAS_E_FAILED,
                         "this program and the case '%s' disagree: the loss of step %d is %.2e "
                         "from that of PyTorch (allowed %.2e)",
                         path, t->offender + 1, t->gap[t->offender], t->allowed);
    }
    for (int i = 0; i < SNAS_MEASURE_COUNT; i++) {
        const snas_verify_error *m = &verified->measures[i];
        if (m->pass) {
            continue;
        }
        snas_text_add(&text, "%s%s %.2e", text.size > 0 ? ", " : "", m->name, m->error);
        if (isfinite(m->allowed)) {
            snas_text_add(&text, " (allowed %.2e)", m->allowed);
        }
    }
    SNAS_TRY(snas_text_done(&text));
    return snas_fail(SNAS_E_FAILED, "this program and the case '%s' disagree: %s", path, text.data);
}

static snas_status verify(cli_session *session, const void *opaque)
{
    const values *v = opaque;
    if (v->path == NULL) {
        return snas_fail(SNAS_E_USAGE, "no CASE given\nsee 'snas help verify'");
    }
    const snas_run_options run = cli_run_options(session, ".", v->threads);
    const snas_verify_options options = {.team = run.team, .f64 = v->f64, .kernels = run.kernels};
    snas_verified verified;
    SNAS_TRY(snas_verify(session->mem, v->path, &options, &verified));
    if (v->json) {
        SNAS_TRY(verified.trajectory != NULL ? print_curve_json(session, verified.trajectory)
                                             : print_json(session, &verified));
    } else {
        if (verified.trajectory != NULL) {
            print_curve(session, verified.trajectory);
        } else {
            print_table(session, &verified);
        }
        cli_say(session, "%s, kernels '%s', %s precision", verified.supernet ? "supernet" : "child", verified.kernels,
                v->f64 ? "double" : "single");
    }
    return verified.pass ? SNAS_OK : disagreement(session, v->path, &verified);
}

const cli_command cli_verify = {
    .name = "verify",
    .brief = "hold training steps against PyTorch's",
    .examples = "  snas verify tests/parity/supernet_log.safetensors\n"
                "  snas verify tests/parity/child_pool_bn.safetensors --double --json\n",
    .more = "`own` is the error of PyTorch's single precision against its double precision. A case "
            "of\nseveral steps is trained; the gap of its losses may be three times PyTorch's. Exit "
            "code 1\nwhen a measure is beyond what is allowed.\n",
    .less_memory = "less memory is needed with fewer --threads",
    .options = OPTIONS,
    .values_size = sizeof(values),
    .run = verify,
};
