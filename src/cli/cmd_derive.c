/* cmd_derive.c -- `snas derive`: read the most likely cell off a search. */
#include <string.h>

#include "bounds.h"
#include "derive_report.h"
#include "frame.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/search/derive.h"
#include "snas/search/search.h"

enum { GENOTYPE_MOST = 1 << 20 }; /* bytes of its file */

typedef struct {
    const char *run, *out, *weights, *table, *latency;
    cli_list budgets, limits;
    int rule, format, threads;
    bool evaluate, save, json;
} values;

static const cli_option OPTIONS[] = {
    ARG("RUN", values, run, "run folder of `snas search`"),
    CHOICE("rule", snas_rule_names, SNAS_RULE_COUNT, values, rule,
           "edge: the likeliest of every edge, none among them (the method's own)"),
    LIST("budget", "NAME=N", values, budgets,
         "the likeliest with at most N parameters, macs, latency_ms or flash_bytes as `snas train` builds it"),
    LIST("limit", "NAME=N", values, limits,
         "and with at most N peak_bytes of activations here, or ram_bytes of activations in C in 8 bits"),
    TEXT("out", "FILE", values, out, "write the genotype there; - is stdout"),
    OPTIONAL_CHOICE("format", snas_genotype_format_names, SNAS_GENOTYPE_FORMAT_COUNT, values, format,
                    "of --out, which is stdout when it is not given"),
    FLAG("save", 0, values, save, "write genotype-RULE.json and pictures of its cells into the run folder"),
    TEXT("weights", "FILE", values, weights,
         "also write the supernet and its logits there, as PyTorch's state dict in safetensors"),
    TEXT("table", "FILE", values, table, "of known accuracies; else the run's search.benchmark"),
    TEXT("latency", "FILE", values, latency,
         "table of `snas latency`, for a budget of latency_ms; else the run's search.resource.table"),
    FLAG("evaluate", 0, values, evaluate, "validate the child with the supernet's weights"),
    NUMBER("threads", "N", 1, 1024, values, threads, "else one a processor; same result"),
    FLAG("json", 0, values, json, "everything as JSON on stdout"),
    OPTIONS_END,
};

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

/* A repeatable option as it was given. */
static void add_again(snas_text *text, const char *option, const cli_list *list)
{
    for (int i = 0; i < list->count; i++) {
        snas_text_add(text, " --%s %s", option, snas_shell_word(text->mem, list->items[i]));
    }
}

/* The command that derives the same once more and saves it. */
static void say_save(cli_session *session, const values *v)
{
    snas_arena *mem = session->mem;
    snas_text text = snas_text_make(mem);
    snas_text_add(&text, "next: snas derive %s --rule %s", snas_shell_word(mem, v->run), snas_rule_names[v->rule]);
    add_again(&text, "budget", &v->budgets);
    add_again(&text, "limit", &v->limits);
    if (v->latency != NULL) {
        snas_text_add(&text, " --latency %s", snas_shell_word(mem, v->latency));
    }
    if (!text.failed) {
        cli_say(session, "%s --save", text.data);
    }
}

/* What comes next: to train the genotype that stands in `file`; NULL: in none. */
static void say_next(cli_session *session, const values *v, const char *file)
{
    snas_arena *mem = session->mem;
    const char *config = snas_format(mem, "%s/config.json", v->run);
    if (session->as_stage) {
        return;
    }
    if (config != NULL && file != NULL) {
        cli_say(session, "next: snas train %s --genotype %s", snas_shell_word(mem, config), snas_shell_word(mem, file));
    } else {
        say_save(session, v);
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
static snas_status print(cli_session *session, const values *v, show what, const cli_derive_report *report)
{
    snas_text table = snas_text_make(session->mem), json = snas_text_make(session->mem);
    cli_derive_add_table(&table, report);
    SNAS_TRY(snas_text_done(&table));
    if (what == SHOW_TABLE) {
        cli_print(session, "%s", table.data);
        if (v->out == NULL && !v->save) {
            cli_say(session, "nothing is written without --save or --out FILE");
        }
        return SNAS_OK;
    }
    cli_say(session, "%.*s", (int)table.size - 1, table.data);
    if (what == SHOW_JSON) {
        SNAS_TRY(cli_derive_add_json(&json, report));
        return cli_print_text(session, &json);
    }
    return SNAS_OK;
}

/* What is asked of the run. */
static snas_status take_request(snas_arena *mem, const values *v, snas_derive_request *out)
{
    const cli_bounds budgets = {.option = "budget",
                                .names = snas_derive_budget_names,
                                .units = snas_derive_budget_units,
                                .count = SNAS_DERIVE_BUDGETS};
    const cli_bounds limits = {.option = "limit", .names = snas_derive_limit_names, .count = SNAS_DERIVE_LIMITS};
    *out = (snas_derive_request){.rule = (snas_rule)v->rule, .evaluate = v->evaluate, .latency_table = v->latency};
    SNAS_TRY(cli_bounds_take(mem, &budgets, &v->budgets, out->most));
    return cli_bounds_take(mem, &limits, &v->limits, out->limit);
}

static snas_status derive(cli_session *session, const void *opaque)
{
    const values *v = opaque;
    show what;
    if (v->run == NULL) {
        return snas_fail(SNAS_E_USAGE, "no RUN given\nsee 'snas help derive'");
    }
    SNAS_TRY(choose_show(v, &what));
    snas_derive_request request;
    snas_config config;
    SNAS_TRY(take_request(session->mem, v, &request));
    SNAS_TRY(cli_run_settings(session->mem, v->run, &config));
    snas_derive_take_budgets(&config.search, &request);
    const snas_run_options options = cli_run_options(session, v->run, v->threads);
    const snas_genotype_format format = v->format > 0 ? (snas_genotype_format)(v->format - 1) : SNAS_GENOTYPE_JSON;
    snas_derived derived;
    cli_known known;
    const char *text, *table = v->table != NULL ? v->table : config.search.benchmark;
    SNAS_TRY(snas_derive(session->mem, &config, &options, &request, &derived));
    SNAS_TRY(snas_genotype_write(session->mem, &derived.genotype, format, &text));
    SNAS_TRY(cli_known_open(session, &derived.genotype, table, &known));
    const cli_derive_report report = {.run = v->run, .request = &request, .derived = &derived, .known = &known};
    SNAS_TRY(print(session, v, what, &report));
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
                "  snas derive runs/first --evaluate --json\n"
                "  snas derive runs/first --budget parameters=300000 --budget macs=5e7\n",
    .more =
        "Rules: edge is the likeliest candidate of every edge, none among the choices; top2 the two strongest edges\n"
        "of a node, none allowed; darts the two strongest without none. The table goes to stdout, and to stderr\n"
        "when --json, --format or --out - puts something else there. In a space with known accuracies those of the\n"
        "cell stand below it: looked up, never used. The run folder stays as it is without --save; its genotype.json\n"
        "is that of rule edge after the last epoch, within search.budget if the config has one.\n"
        "\n"
        "--budget and --limit are for the child as `snas train` builds it by the run's config: its channels, cells,\n"
        "stem, classes, side; without --budget those of search.budget hold. The answer is the likeliest of all cells "
        "of the rule within them: the largest sum of\n"
        "ln p over the kept edges, proven. An edge that differs from the rule's own cell says what that has there.\n",
    .less_memory = "less memory is needed with fewer --threads",
    .options = OPTIONS,
    .values_size = sizeof(values),
    .run = derive,
};
