/* cmd_design.c -- `snas design`: from pictures to a network, by the commands that a person would give one by one. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bounds.h"
#include "exit_code.h"
#include "loop_pace.h"
#include "signals.h"
#include "snas/base/text.h"
#include "snas/design/design.h"

typedef struct {
    const char *from, *parameters, *macs, *latency, *flash, *hours, *out, *resume, *seed;
    cli_list sets, limits;
    int threads;
    bool dry_run, json;
} values;

enum { NEW = 1 };
static const char *const FORMS[] = {"PICTURES|CONFIG", "--resume DIR", NULL};

static const cli_option OPTIONS[] = {
    ARG("PICTURES|CONFIG", values, from, "a folder of photographs, a folder a class; or a config"),
    TEXT("parameters", "N", values, parameters, "at most so many parameters", .in_forms = NEW),
    TEXT("macs", "N", values, macs, "at most so many multiply-adds a picture", .in_forms = NEW),
    TEXT("latency-ms", "X", values, latency, "at most so long for a picture, by tables that are measured before",
         .in_forms = NEW),
    TEXT("flash-bytes", "N", values, flash, "at most so many bytes of constants, in C in 8 bits", .in_forms = NEW),
    LIST("limit", "NAME=N", values, limits,
         "as of derive: ram_bytes of activations, in C in 8 bits, or peak_bytes here", .in_forms = NEW),
    TEXT("hours", "N", values, hours, "of search and training together; else the config's epochs", .in_forms = NEW),
    TEXT("out", "DIR", values, out, "folder of the design; else runs/<name>-<UTC time>", .in_forms = NEW),
    LIST("set", "KEY=VALUE", values, sets, "a config value; train.channels and train.cells are then not chosen",
         .in_forms = NEW),
    TEXT("seed", "N", values, seed, "decides every random number; else the config's", .in_forms = NEW),
    TEXT("resume", "DIR", values, resume, "go on with a stopped design, by its own plan", .in_forms = CLI_IN_WORDS),
    NUMBER("threads", "N", 1, 1024, values, threads, "else one a processor; same bytes"),
    FLAG("dry-run", 'n', values, dry_run, "say which size is chosen and the commands, and stop", .in_forms = NEW),
    FLAG("json", 0, values, json, "the result as JSON"),
    OPTIONS_END,
};

static const cli_signal_lines LINES = {
    .early = "snas: stopped before the first stage; there is nothing to save",
    .stopping = NULL, /* the stage says it */
    .leaving = "snas: left at once\nthe design goes on from the last checkpoint of its stage",
};

/* --- what is asked for -------------------------------------------------------------------------------------------- */

static snas_status take_above_zero(const char *option, const char *text, double *out)
{
    char *end;
    *out = strtod(text, &end);
    return end != text && *end == 0 && *out > 0.0 && isfinite(*out)
               ? SNAS_OK
               : snas_fail(SNAS_E_USAGE, "--%s: found '%s', allowed a number above 0", option, text);
}

/* The --set texts, then what options set. */
static snas_status take_sets(snas_arena *mem, const values *v, cli_list *out)
{
    const struct {
        const char *option, *key, *value;
        bool is_number;
    } also[] = {{"parameters", "search.budget.parameters", v->parameters, true},
                {"macs", "search.budget.macs", v->macs, true},
                {"flash-bytes", "search.budget.flash_bytes", v->flash, true},
                {"seed", "seed", v->seed, false}};
    enum { ALSO = sizeof also / sizeof also[0] };
    double value;
    SNAS_NEW(mem, out->items, v->sets.count + ALSO);
    out->count = 0;
    for (int i = 0; i < v->sets.count; i++) {
        out->items[out->count++] = v->sets.items[i];
    }
    for (int i = 0; i < ALSO; i++) {
        if (also[i].value == NULL) {
            continue;
        }
        if (also[i].is_number) {
            SNAS_TRY(take_above_zero(also[i].option, also[i].value, &value));
        }
        out->items[out->count] = snas_format(mem, "%s=%s", also[i].key, also[i].value);
        SNAS_TRY(snas_taken(out->items[out->count++]));
    }
    return SNAS_OK;
}

static snas_status take_hours(const values *v, double *out)
{
    *out = 0.0;
    if (v->hours == NULL) {
        return SNAS_OK;
    }
    SNAS_TRY(cli_hours_take(v->hours, &v->sets, "search", out));
    return cli_hours_take(v->hours, &v->sets, "train", out);
}

static snas_status choose_folder(snas_arena *mem, const values *v, const char **out)
{
    if (v->out != NULL) {
        *out = v->out;
        return v->dry_run ? SNAS_OK : snas_design_vacant(mem, v->out);
    }
    const char *name = snas_path_name(mem, v->from);
    SNAS_TRY(snas_taken(name));
    return cli_default_folder(mem, name[0] == '.' || name[0] == '/' ? "pictures" : v->from, out);
}

static snas_status plan(cli_session *session, const values *v, snas_design *out)
{
    snas_arena *mem = session->mem;
    const char *folder;
    cli_list sets;
    snas_design_request request = {.from = v->from};
    if (v->from == NULL) {
        return snas_fail(SNAS_E_USAGE, "no PICTURES or CONFIG given, and no --resume DIR\nsee 'snas help design'");
    }
    SNAS_TRY(take_sets(mem, v, &sets));
    SNAS_TRY(take_hours(v, &request.hours));
    if (v->latency != NULL) {
        SNAS_TRY(take_above_zero("latency-ms", v->latency, &request.latency_ms));
    }
    const cli_bounds limits = {.option = "limit", .names = snas_derive_limit_names, .count = SNAS_DERIVE_LIMITS};
    SNAS_TRY(cli_bounds_take(mem, &limits, &v->limits, request.limit));
    SNAS_TRY(choose_folder(mem, v, &folder));
    request.sets = sets.items;
    request.set_count = sets.count;
    return snas_design_plan(mem, &request, folder, out);
}

static snas_status refuse_others(const values *v)
{
    const struct {
        bool given;
        const char *name;
    } others[] = {{v->from != NULL, "PICTURES|CONFIG"},
                  {v->parameters != NULL, "--parameters"},
                  {v->macs != NULL, "--macs"},
                  {v->latency != NULL, "--latency-ms"},
                  {v->flash != NULL, "--flash-bytes"},
                  {v->limits.count > 0, "--limit"},
                  {v->hours != NULL, "--hours"},
                  {v->out != NULL, "--out"},
                  {v->sets.count > 0, "--set"},
                  {v->seed != NULL, "--seed"},
                  {v->dry_run, "--dry-run"}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (others[i].given) {
            return snas_fail(SNAS_E_USAGE, "--resume goes by the design's own plan, found %s beside it",
                             others[i].name);
        }
    }
    return SNAS_OK;
}

/* --- while it goes on --------------------------------------------------------------------------------------------- */

static void tell_begin(void *context, const snas_design_command *command)
{
    cli_session *session = context;
    const char *line = snas_design_line(session->mem, command);
    cli_say(session, "%s: %s", command->stage, line == NULL ? "" : line);
}

static void tell_size(void *context, const snas_design_size *size)
{
    cli_say(context, "size: %s", size->reason);
}

static void tell_done(void *context, const char *stage, const char *made)
{
    cli_say(context, "%s: done, %s", stage, made);
}

/* --- the result --------------------------------------------------------------------------------------------------- */

/* The bound of a cost, ", budget 300,000"; "" without one. */
static const char *bound_of(snas_arena *mem, const snas_design_size *size, const char *name)
{
    const char *text = "";
    for (int i = 0; i < size->bound_count; i++) {
        const snas_budget_term *term = &size->bounds[i].term;
        if (strcmp(term->name, name) == 0) {
            text = snas_format(mem, ", budget %s",
                               term->unit > 1.0 ? snas_budget_text(mem, term, (double)term->most)
                                                : cli_grouped(mem, term->most));
        }
    }
    return text == NULL ? "" : text;
}

static void print_result(cli_session *session, const snas_design_result *r)
{
    snas_arena *mem = session->mem;
    const snas_design_size *size = &r->size;
    cli_print(session, "%-15s %.2f %%, of %s pictures\n", "test accuracy", 100 * r->accuracy,
              cli_grouped(mem, r->images));
    cli_print(session, "%-15s C = %d, L = %d\n", "network", size->channels, size->cells);
    cli_print(session, "%-15s %s%s\n", "parameters", cli_grouped(mem, r->parameters),
              bound_of(mem, size, "parameters"));
    cli_print(session, "%-15s %s a picture%s\n", "multiply-adds", cli_grouped(mem, r->macs),
              bound_of(mem, size, "macs"));
    cli_print(session, "%-15s %s bytes at most, to evaluate a picture\n", "activations",
              cli_grouped(mem, r->holds[SNAS_DERIVE_LIMIT_PEAK]));
    cli_print(session, "%-15s %s bytes of flash%s, %s of RAM\n", "in C in 8 bits", cli_grouped(mem, r->flash_bytes),
              bound_of(mem, size, "flash_bytes"), cli_grouped(mem, r->holds[SNAS_DERIVE_LIMIT_RAM]));
    if (isfinite(r->latency_ms)) {
        cli_print(session, "%-15s %.4f ms by the table%s\n", "latency", r->latency_ms,
                  bound_of(mem, size, "latency_ms"));
    }
    cli_print(session, "%-15s %.2f: search %.2f, training %.2f\n", "hours", r->search_hours + r->train_hours,
              r->search_hours, r->train_hours);
    cli_print(session, "%-15s %s\n", "weights", r->weights);
}

static snas_status conclude(cli_session *session, const values *v, const snas_design *design)
{
    snas_arena *mem = session->mem;
    snas_design_result result;
    const char *text;
    SNAS_TRY(snas_design_read(mem, design, &result));
    SNAS_TRY(snas_design_save(mem, design, &result));
    if (v->json) {
        SNAS_TRY(snas_design_json(mem, &result, &text));
        cli_print(session, "%s", text);
    } else {
        print_result(session, &result);
    }
    const char *search = snas_format(mem, "%s/search", design->path);
    const char *train = snas_format(mem, "%s/train", design->path);
    SNAS_TRY(snas_taken(search));
    SNAS_TRY(snas_taken(train));
    cli_say(session, "next: snas predict %s IMAGE", snas_shell_word(mem, result.weights));
    cli_say(session, "next: snas report %s %s", snas_shell_word(mem, search), snas_shell_word(mem, train));
    return SNAS_OK;
}

static snas_status run_stages(cli_session *session, const values *v, const snas_design *design)
{
    const snas_design_options options = {.threads = v->threads,
                                         .quiet = session->quiet,
                                         .verbose = session->verbose,
                                         .no_color = !session->colour,
                                         .stop = cli_signal_stop(),
                                         .listens = cli_signal_listens(),
                                         .begins = tell_begin,
                                         .chosen = tell_size,
                                         .done = tell_done,
                                         .context = session};
    snas_design_outcome outcome;
    const snas_status status = snas_design_run(session->mem, design, &options, &outcome);
    const char *folder = snas_shell_word(session->mem, design->path);
    if (status == SNAS_OK) {
        return conclude(session, v, design);
    }
    if (status == SNAS_E_INTERRUPTED) {
        return snas_fail(status, "%s\nto go on: snas design --resume %s", snas_error(), folder);
    }
    return outcome.code != 0 || outcome.signal != 0
               ? snas_fail(cli_exit_status(outcome.code), "%s\nto try it again: snas design --resume %s", snas_error(),
                           folder)
               : status;
}

/* --dry-run: the size, and what a person would type. */
static snas_status print_plan(cli_session *session, const snas_design *design)
{
    snas_design_size size;
    snas_design_command commands[SNAS_DESIGN_COMMANDS_MAX];
    int count;
    SNAS_TRY(snas_design_choose(session->mem, design, &size));
    SNAS_TRY(snas_design_commands(session->mem, design, &size, commands, &count));
    cli_print(session, "%s%s\n", size.reason,
              design->latency_ms > 0.0 ? "; or a smaller one, as times are measured" : "");
    for (int i = 0; i < count; i++) {
        const char *line = snas_design_line(session->mem, &commands[i]);
        SNAS_TRY(snas_taken(line));
        cli_print(session, "%s\n", line);
    }
    return SNAS_OK;
}

/* What nothing meets is said before there is a folder. */
static snas_status open_new(cli_session *session, snas_design *design)
{
    snas_design_size size;
    SNAS_TRY(snas_design_choose(session->mem, design, &size));
    SNAS_TRY(snas_design_open(session->mem, design));
    cli_say(session, "folder of the design: %s", design->path);
    return SNAS_OK;
}

static snas_status design(cli_session *session, const void *opaque)
{
    const values *v = opaque;
    snas_design what;
    if (v->resume != NULL) {
        SNAS_TRY(refuse_others(v));
    } else {
        SNAS_TRY(plan(session, v, &what));
    }
    if (v->dry_run) {
        return print_plan(session, &what);
    }
    cli_signals_install(session, LINES);
    SNAS_TRY(v->resume != NULL ? snas_design_reopen(session->mem, v->resume, &what) : open_new(session, &what));
    const snas_status status = run_stages(session, v, &what);
    snas_design_close(&what);
    return status;
}

const cli_command cli_design = {
    .name = "design",
    .brief = "from pictures to a network within a budget",
    .examples = "  snas design photos --parameters 300000 --hours 4\n"
                "  snas design photos --latency-ms 5 --out runs/photos\n"
                "  snas design my.json --macs 5e7 --dry-run\n"
                "  snas design my.json --flash-bytes 200000 --limit ram_bytes=100000\n"
                "  snas design --resume runs/photos\n",
    .forms = FORMS,
    .more =
        "PICTURES may also be a file of `snas data pack` or the name of a data set. C and L of the\n"
        "network are chosen by the budgets. Then come snas search, derive, train and eval: each command is said, and\n"
        "may be given by hand. DIR holds an ordinary run folder of each, search and train, and design.json, the "
        "result.\n"
        "\n"
        "Ctrl-C and SIGTERM save the stage at hand; --resume goes on to the same bytes. With --hours a search has 40 "
        "%\n"
        "of them and the training the rest; measuring times comes before and is not counted. docs/from-pictures.md\n"
        "says more.\n",
    .less_memory = "less memory is needed with a smaller --set search.batch=N and train.batch=N, and fewer --threads",
    .options = OPTIONS,
    .values_size = sizeof(values),
    .run = design,
};
