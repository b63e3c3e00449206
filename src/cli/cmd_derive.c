/* cmd_derive.c -- `snas derive`: read the most likely cell off a search. */
#include <inttypes.h>
#include <string.h>

#include "frame.h"
#include "known.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/search/derive.h"
#include "snas/search/search.h"

enum { GENOTYPE_MOST = 1 << 20 }; /* bytes of its file */

typedef struct {
    const char *run, *out, *weights, *table;
    int rule, format, threads;
    bool evaluate, save, json;
} values;

static const cli_option OPTIONS[] = {
    ARG("RUN", values, run, "run folder of `snas search`"),
    CHOICE("rule", snas_rule_names, SNAS_RULE_COUNT, values, rule,
           "edge: the likeliest of every edge, none among them (the method's own)"),
    TEXT("out", "FILE", values, out, "write the genotype there; - is stdout"),
    OPTIONAL_CHOICE("format", snas_genotype_format_names, SNAS_GENOTYPE_FORMAT_COUNT, values, format,
                    "of --out, which is stdout when it is not given"),
    FLAG("save", 0, values, save, "write genotype-RULE.json and pictures of its cells into the run folder"),
    TEXT("weights", "FILE", values, weights,
         "also write the supernet and its logits there, as PyTorch's state dict in safetensors"),
    TEXT("table", "FILE", values, table, "of known accuracies; else the run's search.benchmark"),
    FLAG("evaluate", 0, values, evaluate, "validate the child with the supernet's weights"),
    NUMBER("threads", "N", 1, 1024, values, threads, "else one a processor; same result"),
    FLAG("json", 0, values, json, "everything as JSON on stdout"),
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

static void add_table(snas_text *text, const snas_derived *d)
{
    const snas_space *space = d->genotype.space;
    for (int type = 0; type < space->cell_types; type++) {
        snas_text_add(text, space->cell_types > 1 ? "%s cell" : "%s", space->type_names[type]);
        snas_text_add(text, ", entropy %.3f nats an edge\n", d->entropy[type]);
        for (int e = 0; e < snas_space_edge_count(space); e++) {
            const edge_row row = read_edge(d, type, e);
            snas_text_add(text, "  %2d -> %d  %-14s %.4f%s\n", row.source, row.node + space->inputs,
                          space->candidates[row.choice]->name, row.probability, row.kept ? "" : "  (edge not kept)");
        }
    }
    snas_text_add(text, "step %" PRId64 ": child with %s parameters, %s multiply-adds a picture\n", d->step,
                  cli_grouped(text->mem, d->parameters), cli_grouped(text->mem, d->macs));
    if (d->evaluated) {
        snas_text_add(text,
                      "validation accuracy with inherited weights: %.2f %%, batch norms recalibrated (%d batches): "
                      "%.2f %%\n",
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

static snas_status print_json(cli_session *session, const values *v, const snas_derived *d, const cli_known *known)
{
    const char *genotype;
    SNAS_TRY(snas_genotype_write(session->mem, &d->genotype, SNAS_GENOTYPE_JSON, &genotype));
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
    snas_text_add(&text, ",\n  \"known\": ");
    cli_known_add_json(&text, known);
    snas_text_add(&text, ",\n  \"genotype\": %s}\n", genotype);
    return cli_print_text(session, &text);
}

/* What stdout is for. */
typedef enum { SHOW_TABLE, SHOW_JSON, SHOW_GENOTYPE } show;

static snas_status choose_show(const values *v, show *out)
{
    const bool to_stdout = v->out == NULL ? v->format > 0 : strcmp(v->out, "-") == 0;
    if (to_stdout && v->json) {
        return snas_fail(SNAS_E_USAGE, "%s and --json both want stdout, allowed one of the two",
                         v->out == NULL ? "--format without --out FILE" : "--out -");
    }
    *out = to_stdout ? SHOW_GENOTYPE : v->json ? SHOW_JSON : SHOW_TABLE;
    return SNAS_OK;
}

static bool is_to_file(const values *v)
{
    return v->out != NULL && strcmp(v->out, "-") != 0;
}

/* What comes next: to train the genotype that stands in `file`; NULL: in none. */
static void say_next(cli_session *session, const values *v, const char *file)
{
    snas_arena *mem = session->mem;
    const char *config = snas_format(mem, "%s/config.json", v->run);
    if (config != NULL && file != NULL) {
        cli_say(session, "next: snas train %s --genotype %s", cli_shell_word(mem, config), cli_shell_word(mem, file));
    } else {
        cli_say(session, "next: snas derive %s --rule %s --save", cli_shell_word(mem, v->run),
                snas_rule_names[v->rule]);
    }
}

/* The search's own file, where it holds what was derived: the rule is the search's, and no step came after its last
 * epoch. NULL: it does not. */
static const char *find_genotype(cli_session *session, const values *v, const snas_genotype *genotype)
{
    const char *text, *path = snas_format(session->mem, "%s/genotype.json", v->run);
    snas_bytes found;
    if (path == NULL || !snas_file_is(path) || snas_file_read(session->mem, path, GENOTYPE_MOST, &found) != SNAS_OK ||
        snas_genotype_write(session->mem, genotype, SNAS_GENOTYPE_JSON, &text) != SNAS_OK) {
        snas_error_clear();
        return NULL;
    }
    return strcmp(found.data, text) == 0 ? path : NULL;
}

/* The files that were asked for, and a word to people about each. */
static snas_status write_files(cli_session *session, const values *v, const snas_genotype *genotype, const char *text)
{
    const char *saved = is_to_file(v) ? v->out : find_genotype(session, v, genotype);
    if (is_to_file(v)) {
        SNAS_TRY(snas_file_replace_text(v->out, text));
        cli_say(session, "genotype written to %s", v->out);
    }
    if (v->weights != NULL) {
        SNAS_TRY(snas_search_export(session->mem, v->run, v->weights));
        cli_say(session, "supernet written to %s", v->weights);
    }
    if (v->save) {
        SNAS_TRY(snas_derive_save(session->mem, genotype, (snas_rule)v->rule, v->run, &saved));
        cli_say(session, "genotype written to %s, pictures beside it", saved);
    }
    say_next(session, v, saved);
    return SNAS_OK;
}

/* stdout gets one thing; the table goes to people when it is not that. */
static snas_status print(cli_session *session, const values *v, show what, const snas_derived *derived,
                         const cli_known *known)
{
    snas_text table = snas_text_make(session->mem);
    add_table(&table, derived);
    cli_known_add_lines(&table, known);
    SNAS_TRY(snas_text_done(&table));
    if (what == SHOW_TABLE) {
        cli_print(session, "%s", table.data);
        if (v->out == NULL && !v->save) {
            cli_say(session, "nothing is written without --save or --out FILE");
        }
        return SNAS_OK;
    }
    cli_say(session, "%.*s", (int)table.size - 1, table.data);
    return what == SHOW_JSON ? print_json(session, v, derived, known) : SNAS_OK;
}

static snas_status derive(cli_session *session, const void *opaque)
{
    const values *v = opaque;
    show what;
    if (v->run == NULL) {
        return snas_fail(SNAS_E_USAGE, "no RUN given\nsee 'snas help derive'");
    }
    SNAS_TRY(choose_show(v, &what));
    snas_config config;
    SNAS_TRY(cli_run_settings(session->mem, v->run, &config));
    const snas_run_options options = cli_run_options(session, v->run, v->threads);
    const snas_genotype_format format = v->format > 0 ? (snas_genotype_format)(v->format - 1) : SNAS_GENOTYPE_JSON;
    snas_derived derived;
    cli_known known;
    const char *text, *table = v->table != NULL ? v->table : config.search.benchmark;
    SNAS_TRY(snas_derive(session->mem, &config, &options, (snas_rule)v->rule, v->evaluate, &derived));
    SNAS_TRY(snas_genotype_write(session->mem, &derived.genotype, format, &text));
    SNAS_TRY(cli_known_open(session, &derived.genotype, table, &known));
    SNAS_TRY(print(session, v, what, &derived, &known));
    if (what == SHOW_GENOTYPE) {
        cli_print(session, "%s", text);
    }
    return write_files(session, v, &derived.genotype, text);
}

const cli_command cli_derive = {
    .name = "derive",
    .brief = "print the architecture that a search has found",
    .examples = "  snas derive runs/first\n"
                "  snas derive runs/first --rule top2 --save\n"
                "  snas derive runs/first --rule darts --format darts\n"
                "  snas derive runs/first --evaluate --json\n",
    .more =
        "Rules: edge is the likeliest candidate of every edge, none among the choices; top2 the two strongest edges\n"
        "of a node, none allowed; darts the two strongest without none. The table goes to stdout, and to stderr\n"
        "when --json, --format or --out - puts something else there. In a space with known accuracies those of the "
        "cell\n"
        "stand below it: looked up, never used. The run folder stays as it is without --save;\n"
        "its genotype.json is that of rule edge after the last epoch.\n",
    .less_memory = "less memory is needed with fewer --threads",
    .options = OPTIONS,
    .values_size = sizeof(values),
    .run = derive,
};
