/* cmd_verify.c -- `snas verify`: one training step held against PyTorch's. */
#include <math.h>

#include "frame.h"
#include "snas/base/text.h"
#include "snas/run/verify.h"

typedef struct {
    const char *path;
    int threads;
    bool f64, json;
} values;

static const cli_option OPTIONS[] = {
    ARG("CASE", values, path, "safetensors file with a step as PyTorch computed it"),
    FLAG("double", 0, values, f64, "plain kernels in double precision: everything within 1e-9"),
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
        const snas_measured *m = &verified->measures[i];
        const bool judged = isfinite(m->allowed);
        cli_print(session, "%-20s %9s %9s %9s  %s%s%s\n", m->brief,
                  isfinite(m->error) ? number(session->mem, m->error) : "nan",
                  number(session->mem, m->own), number(session->mem, m->allowed),
                  !m->pass ? "FAIL"
                  : judged ? "ok"
                           : "not judged",
                  i == SNAS_MEASURE_GRAD_MAX ? "  " : "",
                  i == SNAS_MEASURE_GRAD_MAX ? verified->worst : "");
    }
}

static snas_status print_json(cli_session *session, const snas_verified *verified)
{
    snas_text text = snas_text_make(session->mem);
    for (int i = 0; i < SNAS_MEASURE_COUNT; i++) {
        snas_text_add(&text, "%s\"%s\": ", i == 0 ? "{" : ", ", verified->measures[i].name);
        snas_text_add_real(&text, verified->measures[i].error);
    }
    snas_text_add(&text, ", \"pass\": %s}\n", verified->pass ? "true" : "false");
    SNAS_TRY(snas_text_done(&text));
    cli_print(session, "%s", text.data);
    return SNAS_OK;
}

/* The sentence that names the offenders. */
static snas_status disagreement(cli_session *session, const char *path,
                                const snas_verified *verified)
{
    snas_text text = snas_text_make(session->mem);
    for (int i = 0; i < SNAS_MEASURE_COUNT; i++) {
        const snas_measured *m = &verified->measures[i];
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
        SNAS_TRY(print_json(session, &verified));
    } else {
        print_table(session, &verified);
        cli_say(session, "%s, kernels '%s', %s precision", verified.supernet ? "supernet" : "child",
                verified.kernels, v->f64 ? "double" : "single");
    }
    return verified.pass ? SNAS_OK : disagreement(session, v->path, &verified);
}

const cli_command cli_verify = {
    .name = "verify",
    .brief = "hold a training step against PyTorch's",
    .examples = "  snas verify tests/parity/supernet_log.safetensors\n"
                "  snas verify tests/parity/child_pool_bn.safetensors --double --json\n",
    .usage = "snas verify CASE [--double] [--threads N] [--json]",
    .more = "`own` is the error of PyTorch's single precision against its double precision. Exit "
            "code 1\nwhen a measure is beyond what is allowed.\n",
    .options = OPTIONS,
    .values_size = sizeof(values),
    .run = verify,
};
