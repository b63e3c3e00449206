/* cmd_data.c -- `snas data`: look through a whole data set for faults, measure it, or pack it into one file. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "progress.h"
#include "signals.h"
#include "snas/base/clock.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/config/config.h"
#include "snas/survey/data_pack.h"
#include "snas/survey/survey.h"

typedef struct {
    const char *action, *target, *path, *out;
    cli_list sets;
    int shorter, side, threads;
    bool json;
} values;

enum { PACK = 4 };
static const char *const FORMS[] = {"check DATASET|CONFIG", "stats DATASET|CONFIG", "pack DATASET|CONFIG", NULL};

static const cli_option OPTIONS[] = {
    ARG("ACTION", values, action, "check: tell every fault; stats: measure pixels and classes; pack: into one file"),
    ARG("DATASET|CONFIG", values, target, "name of a data set, or a config with its data section"),
    TEXT("path", "PATH", values, path, "folder or archive of the data set; as data.path"),
    LIST("set", "KEY=VALUE", values, sets, "a config value over the file's; repeatable"),
    TEXT("out", "FILE", values, out, "pack: the file to write; an old one is replaced", .in_forms = PACK,
         .required = true),
    NUMBER("shorter", "N", 1, 8192, values, shorter, "pack: resize what is larger so that its shorter side is N",
           .in_forms = PACK),
    NUMBER("side", "N", 1, 4096, values, side, "pack: squares of N: the shorter side resized, the middle cut out",
           .in_forms = PACK),
    NUMBER("threads", "N", 1, 1024, values, threads, "else one a processor; same result"),
    FLAG("json", 0, values, json, "the result as JSON"),
    OPTIONS_END,
};

enum { CLASSES_SHOWN = 20 }; /* in a table of text */

/* --- which data set ----------------------------------------------------------------------------------------------- */

static const char *dataset_at(const void *context, int i)
{
    (void)context;
    return snas_datasets[i].name;
}

static int dataset_count(void)
{
    int count = 0;
    while (snas_datasets[count].name != NULL) {
        count++;
    }
    return count;
}

/* The config of the target, with --path and --set over it. */
static snas_status load(cli_session *session, const values *v, snas_config *out)
{
    if (v->target == NULL) {
        return snas_fail(SNAS_E_USAGE, "no DATASET or CONFIG given\nsee 'snas help data'");
    }
    const bool named = snas_dataset_find(v->target) != NULL;
    if (!named && !snas_file_is(v->target)) {
        return snas_fail(SNAS_E_USAGE, "no file and no data set '%s'%s", v->target,
                         cli_allowed(session->mem, v->target, dataset_at, NULL, dataset_count()));
    }
    const char **sets;
    int count = 0;
    SNAS_NEW(session->mem, sets, v->sets.count + 2);
    if (named) {
        sets[count++] = snas_format(session->mem, "data.dataset=%s", v->target);
    }
    if (v->path != NULL) {
        sets[count++] = snas_format(session->mem, "data.path=%s", v->path);
    }
    for (int i = 0; i < count; i++) {
        SNAS_TRY(snas_taken(sets[i]));
    }
    for (int i = 0; i < v->sets.count; i++) {
        sets[count++] = v->sets.items[i];
    }
    return snas_config_load(session->mem, named ? NULL : v->target, sets, count, out);
}

/* --- check -------------------------------------------------------------------------------------------------------- */

static void add_sentences(snas_text *text, const char *key, const snas_sentences *all)
{
    snas_text_add(text, ", \"%s\": [", key);
    for (int i = 0; i < all->count; i++) {
        snas_text_next(text, ", ");
        snas_text_add_json(text, all->items[i]);
    }
    snas_text_add(text, "]");
}

static void add_source(snas_text *text, const char *name, const char *source)
{
    snas_text_add(text, "{\"dataset\": ");
    snas_text_add_json(text, name);
    snas_text_add(text, ", \"source\": ");
    if (source == NULL) {
        snas_text_add(text, "null");
    } else {
        snas_text_add_json(text, source);
    }
}

static snas_status print_check(cli_session *session, const values *v, const char *name, const snas_checked *checked)
{
    if (v->json) {
        snas_text text = snas_text_make(session->mem);
        add_source(&text, name, checked->source);
        snas_text_add(&text, ", \"train\": %d, \"test\": %d, \"classes\": %d", checked->train, checked->test,
                      checked->classes);
        add_sentences(&text, "faults", &checked->faults);
        add_sentences(&text, "notes", &checked->notes);
        SNAS_TRY(snas_text_done(&text));
        cli_print(session, "%s}\n", text.data);
        return SNAS_OK;
    }
    for (int i = 0; i < checked->faults.count; i++) {
        cli_print(session, "fault: %s\n", checked->faults.items[i]);
    }
    for (int i = 0; i < checked->notes.count; i++) {
        cli_print(session, "note: %s\n", checked->notes.items[i]);
    }
    if (checked->faults.count == 0) {
        cli_print(session, "no fault: %s\n", checked->source);
    }
    return SNAS_OK;
}

static snas_status check(cli_session *session, const values *v)
{
    snas_config config;
    snas_checked checked;
    SNAS_TRY(load(session, v, &config));
    const char *name = config.data.dataset->name;
    SNAS_TRY(snas_data_check(session->mem, &config, snas_team_make(v->threads), &checked));
    SNAS_TRY(print_check(session, v, name, &checked));
    const int count = checked.faults.count;
    return count == 0 ? SNAS_OK
                      : snas_fail(SNAS_E_DATA, "%d fault%s in the data set '%s'", count, count == 1 ? "" : "s", name);
}

/* --- stats -------------------------------------------------------------------------------------------------------- */

/* "[0.4914, 0.48216, 0.44653]", eight decimals at most. */
static void add_colours(snas_text *text, const char *key, const double colours[3])
{
    snas_text_add(text, "\"%s\": [", key);
    for (int c = 0; c < 3; c++) {
        snas_text_next(text, ", ");
        snas_text_add_real(text, round(colours[c] * 1e8) / 1e8);
    }
    snas_text_add(text, "]");
}

static void add_normalisation(snas_text *text, const char *section, const double mean[3], const double deviation[3])
{
    snas_text_add(text, "\"%s\": {", section);
    add_colours(text, "mean", mean);
    snas_text_add(text, ", ");
    add_colours(text, "deviation", deviation);
    snas_text_add(text, "}");
}

/* A float as the double of its seven digits: 0.29, not 0.28999999. */
static double seven_digits(float value)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%.7g", (double)value);
    return strtod(digits, NULL);
}

/* What is measured as the config takes it, and what is taken without it. */
static snas_status write_both(snas_arena *mem, const snas_data_statistics *m, const char **measured, const char **used)
{
    double mean[3], deviation[3];
    snas_text one = snas_text_make(mem), other = snas_text_make(mem);
    for (int c = 0; c < 3; c++) {
        mean[c] = seven_digits(m->used_mean[c]);
        deviation[c] = seven_digits(m->used_deviation[c]);
    }
    add_normalisation(&one, "data", m->mean, m->deviation);
    add_normalisation(&other, "used", mean, deviation);
    SNAS_TRY(snas_text_done(&one));
    SNAS_TRY(snas_text_done(&other));
    *measured = one.data;
    *used = other.data;
    return SNAS_OK;
}

static snas_status print_json(cli_session *session, const char *name, const snas_data_statistics *m,
                              const char *measured, const char *used)
{
    snas_text text = snas_text_make(session->mem);
    add_source(&text, name, m->source);
    snas_text_add(&text,
                  ", \"train\": %d, \"test\": %d, \"height\": [%d, %d], \"width\": [%d, %d], %s, "
                  "%s, \"classes\": [",
                  m->train, m->test, m->height[0], m->height[1], m->width[0], m->width[1], measured, used);
    for (int k = 0; k < m->classes; k++) {
        snas_text_next(&text, ", ");
        snas_text_add(&text, "{\"name\": ");
        snas_text_add_json(&text, m->class_names[k]);
        snas_text_add(&text, ", \"train\": %d, \"test\": %d}", m->class_train[k], m->class_test[k]);
    }
    SNAS_TRY(snas_text_done(&text));
    cli_print(session, "%s]}\n", text.data);
    return SNAS_OK;
}

static void print_range(cli_session *session, const char *label, const int *counts, int count)
{
    int least = counts[0], most = counts[0];
    for (int k = 1; k < count; k++) {
        least = counts[k] < least ? counts[k] : least;
        most = counts[k] > most ? counts[k] : most;
    }
    cli_print(session, "%-22s %s to %s\n", label, cli_grouped(session->mem, least), cli_grouped(session->mem, most));
}

static void print_text(cli_session *session, const snas_data_statistics *m, const char *measured, const char *used)
{
    cli_print(session, "%s\n\n", m->source);
    print_range(session, "height, pixels", m->height, 2);
    print_range(session, "width, pixels", m->width, 2);
    print_range(session, "training a class", m->class_train, m->classes);
    print_range(session, "test a class", m->class_test, m->classes);
    if (m->classes <= CLASSES_SHOWN) {
        char shown[256];
        cli_print(session, "\n%-22s %10s %10s\n", "class", "training", "test");
        for (int k = 0; k < m->classes; k++) {
            cli_print(session, "%-22s %10s %10s\n", snas_printable(shown, sizeof shown, m->class_names[k]),
                      cli_grouped(session->mem, m->class_train[k]), cli_grouped(session->mem, m->class_test[k]));
        }
    }
    cli_print(session, "\nmeasured, for a config:\n  %s\ntaken without it:\n  %s\n", measured, used);
}

static snas_status stats(cli_session *session, const values *v)
{
    snas_config config;
    snas_data_statistics measured;
    const char *text, *used;
    SNAS_TRY(load(session, v, &config));
    SNAS_TRY(snas_data_measure(session->mem, &config, snas_team_make(v->threads), &measured));
    SNAS_TRY(write_both(session->mem, &measured, &text, &used));
    if (v->json) {
        return print_json(session, config.data.dataset->name, &measured, text, used);
    }
    print_text(session, &measured, text, used);
    return SNAS_OK;
}

/* --- pack --------------------------------------------------------------------------------------------------------- */

static const cli_signal_lines LINES = {
    .early = "snas: stopped; nothing is written",
    .stopping = "stopping; nothing is written; Ctrl-C again leaves at once",
    .leaving = "snas: left at once; nothing is written",
};

/* What is told while it goes on. */
typedef struct {
    cli_session *session;
    double started;
} packing;

static void tell_packed(void *context, int64_t done, int64_t all)
{
    const packing *p = context;
    cli_progress_count(p->session, "packed", done, all, snas_clock_seconds() - p->started);
}

static snas_status print_packed(cli_session *session, const values *v, const char *name, const snas_packed *packed,
                                double seconds)
{
    if (!v->json) {
        char kind[64] = "";
        if (packed->side > 0) {
            snprintf(kind, sizeof kind, " of %d x %d", packed->side, packed->side);
        }
        cli_print(session, "%s: %s training and %s test pictures%s, %s bytes, %.1f seconds\n", v->out,
                  cli_grouped(session->mem, packed->train), cli_grouped(session->mem, packed->test), kind,
                  cli_grouped(session->mem, packed->bytes), seconds);
        return SNAS_OK;
    }
    snas_text text = snas_text_make(session->mem);
    add_source(&text, name, packed->source);
    snas_text_add(&text, ", \"out\": ");
    snas_text_add_json(&text, v->out);
    snas_text_add(&text,
                  ", \"train\": %d, \"test\": %d, \"classes\": %d, \"side\": %d, \"bytes\": %" PRId64
                  ", \"broken\": %d, \"seconds\": %.3f}\n",
                  packed->train, packed->test, packed->classes, packed->side, packed->bytes, packed->broken, seconds);
    return cli_print_text(session, &text);
}

static snas_status pack(cli_session *session, const values *v)
{
    snas_config config;
    snas_packed packed;
    if (v->out == NULL) {
        return snas_fail(SNAS_E_USAGE, "no --out FILE given\nsee 'snas help data'");
    }
    if (v->side > 0 && v->shorter > 0) {
        return snas_fail(SNAS_E_USAGE, "--side and --shorter both say how pictures are resized, "
                                       "allowed one of the two");
    }
    SNAS_TRY(load(session, v, &config));
    cli_signals_install(session, LINES);
    packing p = {session, snas_clock_seconds()};
    const snas_pack_request request = {.path = v->out,
                                       .fit = {.side = v->side, .shorter = v->shorter},
                                       .team = snas_team_make(v->threads),
                                       .stop = cli_signal_stop(),
                                       .listens = cli_signal_listens(),
                                       .progress = tell_packed,
                                       .context = &p};
    SNAS_TRY(snas_data_pack(session->mem, &config, &request, &packed));
    if (packed.broken > 0) {
        snas_log(SNAS_LOG_WARNING, "%d broken picture%s left out, the first: %s", packed.broken,
                 packed.broken == 1 ? " is" : "s are", packed.sentence);
    }
    return print_packed(session, v, config.data.dataset->name, &packed, snas_clock_seconds() - p.started);
}

/* --- the command -------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    snas_status (*run)(cli_session *session, const values *v);
} ACTIONS[] = {
    {"check", check},
    {"stats", stats},
    {"pack", pack},
};
enum { ACTION_COUNT = sizeof ACTIONS / sizeof ACTIONS[0] };

static const char *action_at(const void *context, int i)
{
    (void)context;
    return ACTIONS[i].name;
}

static snas_status data(cli_session *session, const void *opaque)
{
    const values *v = opaque;
    const bool packs = v->out != NULL || v->side > 0 || v->shorter > 0;
    if (v->action == NULL) {
        return snas_fail(SNAS_E_USAGE, "no action given, allowed 'check', 'stats', 'pack'\nsee 'snas help data'");
    }
    for (int i = 0; i < ACTION_COUNT; i++) {
        if (strcmp(ACTIONS[i].name, v->action) != 0) {
            continue;
        }
        if (packs && ACTIONS[i].run != pack) {
            return snas_fail(SNAS_E_USAGE, "--out, --side and --shorter belong to 'pack', not to '%s'", v->action);
        }
        return ACTIONS[i].run(session, v);
    }
    return snas_fail(SNAS_E_USAGE, "unknown action '%s'%s", v->action,
                     cli_allowed(session->mem, v->action, action_at, NULL, ACTION_COUNT));
}

const cli_command cli_data = {
    .name = "data",
    .brief = "check a data set, measure it, or pack it into one file",
    .examples = "  snas data check cifar10\n"
                "  snas data check cifar100 --path downloads/cifar-100-binary.tar.gz --json\n"
                "  snas data stats my.json\n"
                "  snas data pack folder --path photos --shorter 160 --out photos.pack\n"
                "  snas data stats packed --path photos.pack\n",
    .forms = FORMS,
    .more = "check reads everything and goes on after a fault; with any fault the exit code is 3. "
            "Notes are\n"
            "no faults: equal pictures, damaged ones, pictures of one colour or with an EXIF "
            "orientation, classes\n"
            "without a picture, a test folder that is not read, files of another length than the "
            "published ones.\n"
            "\n"
            "pack decodes every picture and writes them into one file, which the data set 'packed' "
            "reads. Pictures\n"
            "of any size keep it, or are resized by --shorter (never enlarged); with --side, and "
            "from sets of equal\n"
            "pictures, they are squares that are held in memory. With data.photos.broken=skip "
            "broken ones are left out.\n",
    .less_memory = "less memory is needed with fewer --threads",
    .options = OPTIONS,
    .values_size = sizeof(values),
    .run = data,
};
