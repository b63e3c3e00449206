/* cmd_credit.c -- `snas credit`: the gradients of several estimators against what the candidates are worth. */
#include <inttypes.h>
#include <math.h>

#include "frame.h"
#include "progress.h"
#include "snas/search/credit.h"

enum { DRAWS = 64 };

typedef struct {
    const char *run;
    int step, draws, threads;
    bool save, json;
} values;

static const cli_option OPTIONS[] = {
    ARG("RUN", values, run, "run folder of `snas search`"),
    NUMBER("step", "S", 1, 1000000000, values, step, "checkpoint of that step; else the newest"),
    NUMBER("draws", "N", 2, 1000000, values, draws, "draws, each with a batch of its own; 64 unless given"),
    FLAG("save", 0, values, save, "write credit-STEP.json and credit_TYPE-STEP.png and .svg into the run folder"),
    NUMBER("threads", "N", 1, 1024, values, threads, "else one a processor; same result"),
    FLAG("json", 0, values, json, "everything as JSON on stdout"),
    OPTIONS_END,
};

static void tell(void *context, const snas_progress *p)
{
    cli_progress_count(context, "credit", p->step, p->steps, p->seconds);
}

static void add_number(snas_text *text, double value, int decimals)
{
    if (isnan(value)) {
        snas_text_add(text, "%9s", "-");
    } else {
        snas_text_add(text, "%9.*f", decimals, value);
    }
}

static void add_edges(snas_text *text, const snas_credit *c, int type)
{
    const int E = snas_space_edge_count(c->space);
    snas_text_add(text, "%s%s: correlation of mean gradient and effect, and deviation of one draw / mean\n        ",
                  c->space->type_names[type], c->space->cell_types > 1 ? " cell" : "");
    for (int i = 0; i < SNAS_CREDIT_METHODS; i++) {
        snas_text_add(text, "%18s", snas_credit_methods[i].method);
    }
    for (int e = 0; e < E; e++) {
        int source, node;
        snas_space_edge(c->space, e, &source, &node);
        snas_text_add(text, "\n  %2d -> %d", source, node + c->space->inputs);
        for (int i = 0; i < SNAS_CREDIT_METHODS; i++) {
            add_number(text, c->of[i].correlation[type * E + e], 2);
            add_number(text, c->of[i].noise[type * E + e], 1);
        }
    }
    snas_text_add(text, "\n");
}

static void add_summary(snas_text *text, const snas_credit *c)
{
    snas_text_add(text, "all edges           correlation   cosine  |mean|     deviation\n");
    for (int i = 0; i < SNAS_CREDIT_METHODS; i++) {
        const snas_credit_figures *f = &c->of[i];
        snas_text_add(text, "  %-18s  ", snas_credit_methods[i].method);
        add_number(text, f->correlation_mean, 2);
        add_number(text, f->cosine, 2);
        snas_text_add(text, "  %9.3g  %9.3g\n", f->norm, f->spread);
    }
}

static snas_status print(cli_session *session, const values *v, const snas_credit *c)
{
    snas_text text = snas_text_make(session->mem);
    if (v->json) {
        snas_credit_json(&text, c);
        return cli_print_text(session, &text);
    }
    snas_text_add(&text, "step %" PRId64 ", temperature %.3g: %d draws with %d pictures each, mean loss %.4f\n",
                  c->step, c->temperature, c->draws, c->batch, c->loss);
    for (int type = 0; type < c->space->cell_types; type++) {
        add_edges(&text, c, type);
    }
    add_summary(&text, c);
    return cli_print_text(session, &text);
}

static snas_status credit(cli_session *session, const void *opaque)
{
    const values *v = opaque;
    if (v->run == NULL) {
        return snas_fail(SNAS_E_USAGE, "no RUN given\nsee 'snas help credit'");
    }
    snas_config config;
    snas_credit measured;
    SNAS_TRY(cli_run_settings(session->mem, v->run, &config));
    snas_run_options options = cli_run_options(session, v->run, v->threads);
    options.progress = tell;
    const snas_credit_request request = {.step = v->step > 0 ? v->step : -1, .draws = v->draws > 0 ? v->draws : DRAWS};
    SNAS_TRY(snas_credit_measure(session->mem, &config, &options, &request, &measured));
    SNAS_TRY(print(session, v, &measured));
    if (v->save) {
        SNAS_TRY(snas_credit_save(session->mem, &measured, v->run));
        cli_say(session, "written to %s/credit-%" PRId64 ".json, pictures beside it", v->run, measured.step);
    }
    return SNAS_OK;
}

const cli_command cli_credit = {
    .name = "credit",
    .brief = "say how well gradients tell what a candidate is worth",
    .examples = "  snas credit runs/first\n"
                "  snas credit runs/first --step 500 --draws 256 --save\n",
    .more =
        "At the frozen weights of a checkpoint, N times: a batch and the noise of a draw, the same for the estimators\n"
        "of the methods snas, straight-through, dsnas and reinforce; of each its gradient of the logits. The effect "
        "of\n"
        "a candidate is the mean loss with it on the edge and the other edges as drawn. A method is right where its\n"
        "mean gradient grows with the effect (correlation, over an edge's candidates), or points where the effects\n"
        "point (cosine, over all logits); how many draws it takes to see that says the deviation of one draw. Most of\n"
        "the time goes into the effects: a forward pass of one path a draw, edge and candidate.\n",
    .less_memory = "less memory is needed with a smaller search.batch",
    .options = OPTIONS,
    .values_size = sizeof(values),
    .run = credit,
};
