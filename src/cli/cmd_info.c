/* cmd_info.c -- `snas info`: this build and machine, and the tables of the program. */
#include "info.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "known.h"
#include "snas/base/text.h"
#include "snas/base/usage.h"
#include "snas/base/version.h"
#include "snas/config/schema.h"
#include "snas/kernel/sets.h"
#include "snas/space/genotype.h"
#include "snas/tensor/gemm.h"

typedef struct {
    const char *topic, *name, *table, *config, *latency;
    cli_size size;
    bool json;
} values;

enum { BUILD = 1, TABLES = 2, SIZE = 4, COSTS = 8 };
static const char *const FORMS[] = {"", "spaces|ops|config|genotype [NAME]", "genotype NAME|FILE|LINE",
                                    "genotype NAME|FILE|LINE", NULL};

static const cli_option OPTIONS[] = {
    ARG("TOPIC", values, topic, "spaces, ops, config or genotype; none: this build and machine"),
    ARG("NAME", values, name, "one row of the topic"),
    NUMBER("channels", "N", 2, 4096, values, size.channels, "genotype: C, then its size is printed", .in_forms = SIZE,
           .required = true),
    NUMBER("cells", "N", 3, 1000, values, size.cells, "genotype: L", .in_forms = SIZE, .required = true),
    NUMBER("classes", "N", 2, 1000000, values, size.classes, "genotype: else 10, or 1000", .in_forms = SIZE),
    CHOICE("stem", snas_stem_names, SNAS_STEM_COUNT, values, size.stem, "genotype: else cifar", .in_forms = SIZE),
    NUMBER("side", "N", 8, 4096, values, size.side, "genotype: of the pictures; else 32, or 224", .in_forms = SIZE),
    FLAG("pool-bn", 0, values, size.pool_bn, "genotype: batch norms after pools", .in_forms = SIZE),
    FLAG("no-pool-bn", 0, values, size.no_pool_bn, "genotype: none; else as the genotype says", .in_forms = SIZE),
    TEXT("table", "FILE", values, table, "of known accuracies; else the one that comes with snas",
         .in_forms = TABLES | SIZE),
    TEXT("config", "CONFIG", values, config, "genotype: the costs of its network as `snas train` builds it",
         .in_forms = COSTS, .required = true),
    TEXT("latency", "FILE", values, latency, "table of `snas latency`; else the config's search.resource.table",
         .in_forms = COSTS),
    FLAG("json", 0, values, json, "build and machine, a space's known accuracies, a genotype, its size, as JSON"),
    OPTIONS_END,
};

/* --- build and machine -------------------------------------------------------------------------------------------- */

#ifdef __clang__
static const char compiler[] = "clang " __clang_version__;
#else
static const char compiler[] = "gcc " __VERSION__;
#endif

/* "unknown" where the system tells none. */
static const char *processor(snas_arena *mem)
{
    const char *name = snas_processor_name(mem);
    return name[0] == 0 ? "unknown" : name;
}

typedef struct {
    const char *key, *value;
} fact;

static snas_status print_facts(cli_session *session, const fact *facts, bool json)
{
    snas_text text = snas_text_make(session->mem);
    snas_text_add(&text, "%s", json ? "{" : "");
    for (const fact *f = facts; f->key != NULL; f++) {
        if (json) {
            snas_text_next(&text, ", ");
            snas_text_add(&text, "\"%s\": ", f->key);
            snas_text_add_json(&text, f->value);
        } else {
            snas_text_add(&text, "%-11s %s\n", f->key, f->value);
        }
    }
    snas_text_add(&text, "%s", json ? "}\n" : "");
    return cli_print_text(session, &text);
}

/* Or why there is none. */
static const char *blas(void)
{
    return snas_blas_load() == SNAS_OK ? snas_blas_description() : snas_error();
}

snas_status cli_print_version(cli_session *session, bool json)
{
    const char *kernels;
    SNAS_TRY(snas_kernel_set_choose(getenv("SNAS_KERNELS"), &kernels));
    const fact facts[] = {
        {"snas", SNAS_VERSION}, {"compiler", compiler}, {"blas", blas()}, {"kernels", kernels}, {NULL, NULL}};
    return print_facts(session, facts, json);
}

static snas_status info_build(cli_session *session, const values *v)
{
    const char *processors = snas_format(session->mem, "%d", snas_processor_count());
    const char *kernels;
    SNAS_TRY(snas_kernel_set_choose(getenv("SNAS_KERNELS"), &kernels));
    const fact facts[] = {{"snas", SNAS_VERSION},
                          {"compiler", compiler},
                          {"processor", processor(session->mem)},
                          {"processors", processors == NULL ? "?" : processors},
                          {"kernels", kernels},
                          {"blas", blas()},
                          {NULL, NULL}};
    return print_facts(session, facts, v->json);
}

/* --- the tables --------------------------------------------------------------------------------------------------- */

static void print_space(cli_session *session, const snas_space *s)
{
    cli_print(session, "%s: %s\n  %d input%s, %d nodes, %d edges, %d candidates, %d cell type%s\n ", s->name, s->brief,
              s->inputs, s->inputs == 1 ? "" : "s", s->nodes, snas_space_edge_count(s), s->candidate_count,
              s->cell_types, s->cell_types == 1 ? "" : "s");
    for (int k = 0; k < s->candidate_count; k++) {
        cli_print(session, " %s", s->candidates[k]->name);
    }
    cli_print(session, "\n");
}

static const char *space_at(const void *context, int i)
{
    (void)context;
    return snas_spaces[i]->name;
}

/* All spaces; or one, with what is known of its cells. */
static snas_status info_spaces(cli_session *session, const values *v)
{
    int count = 0;
    for (; snas_spaces[count] != NULL; count++) {
        if (v->name == NULL) {
            print_space(session, snas_spaces[count]);
        }
    }
    if (v->name == NULL) {
        return SNAS_OK;
    }
    const snas_space *space = snas_space_find(v->name);
    if (space == NULL) {
        return snas_fail(SNAS_E_USAGE, "no search space '%s'%s", v->name,
                         cli_did_you_mean(session->mem, v->name, space_at, NULL, count));
    }
    if (!v->json) {
        print_space(session, space);
    }
    return cli_known_space(session, space, v->table, v->json);
}

static snas_status info_ops(cli_session *session, const values *v)
{
    int found = 0;
    cli_print(session, "%-14s %-9s %s\n", "candidate", "in tables", "what it is");
    for (int i = 0; snas_candidates[i] != NULL; i++) {
        const snas_candidate *c = snas_candidates[i];
        if (v->name == NULL || strcmp(c->name, v->name) == 0) {
            cli_print(session, "%-14s %-9s %s\n", c->name, c->letters, c->brief);
            found++;
        }
    }
    return found > 0 ? SNAS_OK : snas_fail(SNAS_E_USAGE, "no candidate '%s'", v->name);
}

static snas_status info_config(cli_session *session, const values *v)
{
    int found = 0;
    for (int i = 0; i < snas_config_key_count; i++) {
        const snas_config_key *key = &snas_config_keys[i];
        if (v->name != NULL && !snas_starts(key->path, v->name)) {
            continue;
        }
        found++;
        snas_text allowed = snas_text_make(session->mem);
        snas_config_allowed(&allowed, key);
        SNAS_TRY(snas_text_done(&allowed));
        cli_print(session, "%s%s%s\n    %s\n    %s\n", key->path, key->fallback == NULL ? "" : " = ",
                  key->fallback == NULL ? "" : key->fallback, key->help, allowed.data);
    }
    return found > 0 ? SNAS_OK : snas_fail(SNAS_E_USAGE, "no config key begins with '%s'", v->name);
}

static snas_status info_genotype(cli_session *session, const values *v)
{
    if (v->config != NULL && cli_size_asked(&v->size)) {
        return snas_fail(SNAS_E_USAGE, "--config says the size of the network, found another option for it");
    }
    if (cli_size_asked(&v->size)) {
        return v->name == NULL ? snas_fail(SNAS_E_USAGE, "no genotype NAME, FILE or LINE given\nsee 'snas help info'")
                               : cli_size_print(session, v->name, v->table, &v->size, v->json);
    }
    if (v->latency != NULL && v->config == NULL) {
        return snas_fail(SNAS_E_USAGE, "--latency is a table for the network of --config CONFIG, found without it");
    }
    if (v->config != NULL) {
        return v->name == NULL ? snas_fail(SNAS_E_USAGE, "no genotype NAME, FILE or LINE given\nsee 'snas help info'")
                               : cli_costs_print(session, v->name, v->config, v->latency, v->json);
    }
    if (v->name == NULL) {
        for (const snas_known_genotype *g = snas_known_genotypes; g->name != NULL; g++) {
            cli_print(session, "%-16s %s\n", g->name, g->origin);
        }
        return SNAS_OK;
    }
    return cli_genotype_print(session, v->name, v->table, v->json);
}

static const struct {
    const char *name, *also; /* also: another spelling, or NULL */
    snas_status (*run)(cli_session *session, const values *v);
} TOPICS[] = {{"spaces", "space", info_spaces},
              {"ops", NULL, info_ops},
              {"config", NULL, info_config},
              {"genotype", NULL, info_genotype}};
enum { TOPIC_COUNT = sizeof TOPICS / sizeof TOPICS[0] };

static const char *topic_at(const void *context, int i)
{
    (void)context;
    return TOPICS[i].name;
}

static snas_status info(cli_session *session, const void *opaque)
{
    const values *v = opaque;
    if (v->topic == NULL) {
        return info_build(session, v);
    }
    for (int i = 0; i < TOPIC_COUNT; i++) {
        if (strcmp(TOPICS[i].name, v->topic) == 0 ||
            (TOPICS[i].also != NULL && strcmp(TOPICS[i].also, v->topic) == 0)) {
            return TOPICS[i].run(session, v);
        }
    }
    return snas_fail(SNAS_E_USAGE, "unknown topic '%s'%s", v->topic,
                     cli_allowed(session->mem, v->topic, topic_at, NULL, TOPIC_COUNT));
}

const cli_command cli_info = {
    .name = "info",
    .brief = "print this build and machine, or the tables of the program",
    .examples = "  snas info\n"
                "  snas info spaces\n"
                "  snas info space nas-bench-201\n"
                "  snas info config search.resource\n"
                "  snas info genotype DARTS_V2\n"
                "  snas info genotype DARTS_V2 --channels 36 --cells 20\n"
                "  snas info genotype DARTS_V2 --config my.json --latency latency.json\n"
                "  snas info genotype SNAS_mild --channels 48 --cells 14 --stem imagenet --json\n",
    .forms = FORMS,
    .more = "With --channels and --cells the size of a genotype's network is printed: params, and macs "
            "of its\nconvolutions and linear layers, both without the auxiliary classifier of "
            "training.\n\n"
            "LINE is a cell of NAS-Bench-201, in quotes for the shell: an operation and its source for every edge,\n"
            "  '|op~0|+|op~0|op~1|+|op~0|op~1|op~2|'\n"
            "What is known of such a cell, and of all of them, is looked up: test accuracies that the benchmark's\n"
            "authors have measured, and ranks. It goes to stderr where stdout is a genotype; --json has both.\n",
    .options = OPTIONS,
    .values_size = sizeof(values),
    .run = info,
};
