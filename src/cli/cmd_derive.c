/* cmd_derive.c -- `snas derive`: read the most likely cell off a search. */
#include <inttypes.h>
#include <string.h>

#include "frame.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/search/derive.h"
#include "snas/search/search.h"

typedef struct {
    const char *run, *out, *weights;
    int rule, format, threads;
    bool evaluate, json;
} values;

static const cli_option OPTIONS[] = {
    ARG("RUN", values, run, "run folder of `snas search`"),
    CHOICE("rule", snas_rule_names, SNAS_RULE_COUNT, values, rule,
           "edge: the likeliest of every edge, none among them (the method's own)"),
    TEXT("out", "FILE", values, out, "also write the genotype there; - is stdout"),
    CHOICE("format", snas_genotype_format_names, SNAS_GENOTYPE_FORMAT_COUNT, values, format, "of --out"),
    TEXT("weights", "FILE", values, weights,
         "also write the supernet and its logits there, as PyTorch's state dict in safetensors"),
    FLAG("evaluate", 0, values, evaluate, "validate the child with the supernet's weights"),
    NUMBER("threads", "N", 1, 1024, values, threads, "else one a processor; same result"),
    FLAG("json", 0, values, json, "the table as JSON on stdout"),
    OPTIONS_END,
};

/* One edge of the table: its likeliest candidate, and whether the genotype keeps the edge. */
typedef struct {
    int source, node, choice;
    double probability;
    bool kept;
} edge_row;

static edge_row read_edge(const snas_derived *d, int type, int e)
{
    const snas_space *space = d->genotype.space;
    const int E = snas_space_edge_count(space), K = space->candidate_count;
    const double *p = d->probabilities + ((size_t)type * (size_t)E + (size_t)e) * (size_t)K;
    edge_row row = {0};
    snas_space_edge(space, e, &row.source, &row.node);
    for (int k = 1; k < K; k++) {
        row.choice = p[k] > p[row.choice] ? k : row.choice;
    }
    const snas_genes *genes = &d->genotype.nodes[type][row.node];
    for (int g = 0; g < genes->count; g++) {
        if (genes->genes[g].source == row.source) {
            row.kept = true;
            row.choice = genes->genes[g].candidate; /* the rule darts may take another than the likeliest */
        }
    }
    row.probability = p[row.choice];
    return row;
}

static void say_table(cli_session *session, const snas_derived *d)
{
    const snas_space *space = d->genotype.space;
    for (int type = 0; type < space->cell_types; type++) {
        cli_say(session, "%s cell, entropy %.3f nats an edge", space->type_names[type], d->entropy[type]);
        for (int e = 0; e < snas_space_edge_count(space); e++) {
            const edge_row row = read_edge(d, type, e);
            cli_say(session, "  %2d -> %d  %-14s %.4f%s", row.source, row.node + space->inputs,
                    space->candidates[row.choice]->name, row.probability, row.kept ? "" : "  (edge not kept)");
        }
    }
    cli_say(session, "step %" PRId64 ": child with %s parameters, %s multiply-adds a picture", d->step,
            cli_grouped(session->mem, d->parameters), cli_grouped(session->mem, d->macs));
    if (d->evaluated) {
        cli_say(session,
                "validation accuracy with inherited weights: %.2f %%, batch norms recalibrated (%d "
                "batches): %.2f %%",
                100 * d->accuracy, d->recalibration_batches, 100 * d->accuracy_recalibrated);
    }
}

static void add_edges_json(snas_text *text, const snas_derived *d)
{
    const snas_space *space = d->genotype.space;
    for (int type = 0; type < space->cell_types; type++) {
        snas_text_next(text, ",");
        snas_text_add(text, "\n    {\"cell\": \"%s\", \"entropy\": ", space->type_names[type]);
        snas_text_add_real(text, d->entropy[type]);
        snas_text_add(text, ", \"edges\": [");
        for (int e = 0; e < snas_space_edge_count(space); e++) {
            const edge_row row = read_edge(d, type, e);
            snas_text_next(text, ",");
            snas_text_add(text,
                          "\n      {\"source\": %d, \"target\": %d, \"choice\": \"%s\", \"probability\": ", row.source,
                          row.node + space->inputs, space->candidates[row.choice]->name);
            snas_text_add_real(text, row.probability);
            snas_text_add(text, ", \"kept\": %s}", row.kept ? "true" : "false");
        }
        snas_text_add(text, "]}");
    }
}

static snas_status print_json(cli_session *session, const values *v, const snas_derived *d, const char *genotype)
{
    snas_text text = snas_text_make(session->mem);
    snas_text_add(&text, "{\n  \"run\": ");
    snas_text_add_json(&text, v->run);
    snas_text_add(&text, ",\n  \"step\": %" PRId64 ",\n  \"rule\": \"%s\",\n  \"cells\": [", d->step,
                  snas_rule_names[v->rule]);
    add_edges_json(&text, d);
    snas_text_add(&text, "],\n  \"parameters\": %" PRId64 ",\n  \"multiply_adds\": %" PRId64, d->parameters, d->macs);
    if (d->evaluated) {
        snas_text_add(&text, ",\n  \"validation_accuracy\": ");
        snas_text_add_real(&text, d->accuracy);
        snas_text_add(&text, ",\n  \"validation_accuracy_recalibrated\": ");
        snas_text_add_real(&text, d->accuracy_recalibrated);
        snas_text_add(&text, ",\n  \"recalibration_batches\": %d", d->recalibration_batches);
    }
    snas_text_add(&text, ",\n  \"genotype\": %s}\n", genotype);
    return cli_print_text(session, &text);
}

/* genotype.txt: every edge when the genotype has them all, else the text of two edges a node, else none. */
static snas_status write_folder(cli_session *session, const values *v, const snas_genotype *genotype, const char *json)
{
    const char *path = snas_format(session->mem, "%s/genotype.json", v->run);
    const char *text_path = snas_format(session->mem, "%s/genotype.txt", v->run);
    SNAS_TRY(snas_taken(path));
    SNAS_TRY(snas_taken(text_path));
    SNAS_TRY(snas_file_replace_text(path, json));
    const char *text;
    if (snas_genotype_write(session->mem, genotype, SNAS_GENOTYPE_EDGE_ALL, &text) == SNAS_OK ||
        snas_genotype_write(session->mem, genotype, SNAS_GENOTYPE_DARTS, &text) == SNAS_OK) {
        return snas_file_replace_text(text_path, text);
    }
    snas_error_clear();
    return snas_file_remove(text_path); /* one of another rule would not tell the truth */
}

static snas_status derive(cli_session *session, const void *opaque)
{
    const values *v = opaque;
    if (v->run == NULL) {
        return snas_fail(SNAS_E_USAGE, "no RUN given\nsee 'snas help derive'");
    }
    const bool to_stdout = v->out != NULL && strcmp(v->out, "-") == 0;
    if (to_stdout && v->json) {
        return snas_fail(SNAS_E_USAGE, "--out - and --json both want stdout, allowed one of the two");
    }
    snas_config config;
    SNAS_TRY(cli_run_settings(session->mem, v->run, &config));
    const snas_run_options options = cli_run_options(session, v->run, v->threads);
    snas_derived derived;
    SNAS_TRY(snas_derive(session->mem, &config, &options, (snas_rule)v->rule, v->evaluate, &derived));
    const char *json, *text;
    SNAS_TRY(snas_genotype_write(session->mem, &derived.genotype, SNAS_GENOTYPE_JSON, &json));
    SNAS_TRY(snas_genotype_write(session->mem, &derived.genotype, (snas_genotype_format)v->format, &text));
    SNAS_TRY(write_folder(session, v, &derived.genotype, json));
    if (v->out != NULL && !to_stdout) {
        SNAS_TRY(snas_file_replace_text(v->out, text));
    }
    if (v->weights != NULL) {
        SNAS_TRY(snas_search_export(session->mem, v->run, v->weights));
    }
    if (v->json) {
        return print_json(session, v, &derived, json);
    }
    say_table(session, &derived);
    if (to_stdout) {
        cli_print(session, "%s", text);
    } else if (v->out != NULL) {
        cli_print(session, "%s\n", v->out);
    } else {
        cli_print(session, "%s/genotype.json\n", v->run);
    }
    return SNAS_OK;
}

const cli_command cli_derive = {
    .name = "derive",
    .brief = "print the architecture that a search has found",
    .examples = "  snas derive runs/first\n"
                "  snas derive runs/first --rule darts --format darts --out -\n"
                "  snas derive runs/first --evaluate --json\n",
    .usage = "snas derive RUN [--rule RULE] [--out FILE] [--format FORMAT] [--evaluate] "
             "[--weights FILE] [--json]",
    .more = "Rules: edge is the likeliest candidate of every edge, none among the choices; top2 "
            "the two strongest edges\n"
            "of a node, none allowed; darts the two strongest without none. The genotype goes into "
            "the run folder\n"
            "(genotype.json, genotype.txt) and to --out; the table goes to stderr.\n",
    .less_memory = "less memory is needed with fewer --threads",
    .options = OPTIONS,
    .values_size = sizeof(values),
    .run = derive,
};
