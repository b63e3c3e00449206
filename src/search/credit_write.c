/* credit_write.c -- the figures of `snas credit` as JSON, and in the run's folder with a picture a cell type. */
#include <inttypes.h>

#include "snas/base/file.h"
#include "snas/report/drawing.h"
#include "snas/search/credit.h"

static void add_list(snas_text *text, const char *name, const double *values, int count)
{
    snas_text_add(text, ", \"%s\": [", name);
    for (int i = 0; i < count; i++) {
        snas_text_add(text, "%s", i == 0 ? "" : ", ");
        snas_text_add_real(text, values[i]);
    }
    snas_text_add(text, "]");
}

static void add_real(snas_text *text, const char *name, double value)
{
    snas_text_add(text, ", \"%s\": ", name);
    snas_text_add_real(text, value);
}

/* Edge e of all edges of all types. */
static void add_edge(snas_text *text, const snas_credit *c, int e)
{
    const int K = c->space->candidate_count;
    const size_t at = (size_t)e * (size_t)K;
    int source, node;
    snas_space_edge(c->space, e % snas_space_edge_count(c->space), &source, &node);
    snas_text_add(text, "\n      {\"source\": %d, \"target\": %d", source, node + c->space->inputs);
    add_list(text, "probability", c->p + at, K);
    add_list(text, "effect", c->effect + at, K);
    add_list(text, "measured_gradient", c->measured + at, K);
    for (int i = 0; i < SNAS_CREDIT_METHODS; i++) {
        const snas_credit_figures *f = &c->of[i];
        snas_text_add(text, ",\n       \"%s\": {\"correlation\": ", snas_credit_methods[i].method);
        snas_text_add_real(text, f->correlation[e]);
        add_real(text, "noise", f->noise[e]);
        add_list(text, "mean", f->mean + at, K);
        add_list(text, "variance", f->variance + at, K);
        snas_text_add(text, "}");
    }
    snas_text_add(text, "}");
}

static void add_cell(snas_text *text, const snas_credit *c, int type)
{
    const int E = snas_space_edge_count(c->space);
    snas_text_add(text, "\n    {\"cell\": \"%s\", \"edges\": [", c->space->type_names[type]);
    for (int e = 0; e < E; e++) {
        snas_text_add(text, "%s", e == 0 ? "" : ",");
        add_edge(text, c, type * E + e);
    }
    snas_text_add(text, "]}");
}

void snas_credit_json(snas_text *text, const snas_credit *c)
{
    snas_text_add(text, "{\"step\": %" PRId64 ", \"draws\": %d, \"batch\": %d", c->step, c->draws, c->batch);
    add_real(text, "temperature", c->temperature);
    add_real(text, "loss", c->loss);
    snas_text_add(text, ",\n  \"candidates\": [");
    for (int k = 0; k < c->space->candidate_count; k++) {
        snas_text_add(text, "%s\"%s\"", k == 0 ? "" : ", ", c->space->candidates[k]->name);
    }
    snas_text_add(text, "],\n  \"methods\": [");
    for (int i = 0; i < SNAS_CREDIT_METHODS; i++) {
        const snas_credit_figures *f = &c->of[i];
        snas_text_add(text, "%s\n    {\"method\": \"%s\", \"estimator\": \"%s\"", i == 0 ? "" : ",",
                      snas_credit_methods[i].method, snas_credit_methods[i].estimator);
        add_real(text, "correlation", f->correlation_mean);
        add_real(text, "cosine", f->cosine);
        add_real(text, "mean_norm", f->norm);
        add_real(text, "deviation", f->spread);
        snas_text_add(text, "}");
    }
    snas_text_add(text, "],\n  \"cells\": [");
    for (int type = 0; type < c->space->cell_types; type++) {
        snas_text_add(text, "%s", type == 0 ? "" : ",");
        add_cell(text, c, type);
    }
    snas_text_add(text, "]}\n");
}

static snas_status save_picture(snas_arena *mem, const snas_credit *c, int type, const char *folder)
{
    const int E = snas_space_edge_count(c->space);
    const char *names[SNAS_CREDIT_METHODS];
    double correlations[SNAS_EDGES_MAX * SNAS_CREDIT_METHODS];
    for (int i = 0; i < E * SNAS_CREDIT_METHODS; i++) {
        const int method = i % SNAS_CREDIT_METHODS;
        names[method] = snas_credit_methods[method].method;
        correlations[i] = c->of[method].correlation[type * E + i / SNAS_CREDIT_METHODS];
    }
    const snas_credit_table table = {
        .space = c->space, .type = type, .methods = SNAS_CREDIT_METHODS, .names = names, .correlations = correlations};
    const char *stem = snas_format(mem, "%s/credit_%s-%" PRId64, folder, c->space->type_names[type], c->step);
    SNAS_TRY(snas_taken(stem));
    return snas_drawing_save_both(mem, snas_credit_map(&table), stem);
}

snas_status snas_credit_save(snas_arena *mem, const snas_credit *c, const char *folder)
{
    snas_text text = snas_text_make(mem);
    const char *path = snas_format(mem, "%s/credit-%" PRId64 ".json", folder, c->step);
    SNAS_TRY(snas_taken(path));
    snas_credit_json(&text, c);
    SNAS_TRY(snas_text_done(&text));
    SNAS_TRY(snas_file_replace_text(path, text.data));
    for (int type = 0; type < c->space->cell_types; type++) {
        SNAS_TRY(save_picture(mem, c, type, folder));
    }
    return SNAS_OK;
}
