/* cmd_search.c -- `snas search`: train the supernet and its distribution over architectures. */
#include "frame.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "known.h"
#include "loop_pace.h"
#include "snas/base/text.h"
#include "snas/search/search.h"
#include "snas/space/genotype.h"
#include "status_line.h"
#include "wrap.h"

typedef struct {
    cli_loop loop;
} values;

static const cli_option OPTIONS[] = {LOOP_OPTIONS(values, loop), OPTIONS_END};

/* "2 <- 0 skip_connect, 1 max_pool_3x3" after the cell's name: what comes to a node over edges that are not `none`. */
static void say_node(cli_session *session, const snas_space *space, const snas_genes *genes, const char *beginning)
{
    char item[64];
    const char *last = NULL;
    cli_wrap line = cli_wrap_make(session->mem, cli_status_columns(), (int)strlen(beginning) + 1, 1, 0);
    cli_wrap_add(&line, beginning);
    for (int g = 0; g < genes->count; g++) {
        const snas_candidate *candidate = space->candidates[genes->genes[g].candidate];
        if (candidate->is_zero) {
            continue;
        }
        if (last != NULL) {
            snprintf(item, sizeof item, "%s,", last);
            cli_wrap_add(&line, item);
        }
        last = snas_format(session->mem, "%d %s", genes->genes[g].source, candidate->name);
    }
    cli_wrap_add(&line, last == NULL ? "nothing" : last);
    cli_say_text(session, cli_wrap_text(&line));
}

static void say_cell(cli_session *session, const snas_genotype *genotype, int type)
{
    const snas_space *space = genotype->space;
    char beginning[64];
    for (int node = 0; node < space->nodes; node++) {
        snprintf(beginning, sizeof beginning, "  %-8s%d <-", node == 0 ? space->type_names[type] : "",
                 space->inputs + node);
        say_node(session, space, &genotype->nodes[type][node], beginning);
    }
}

static snas_status say_known(cli_session *session, const snas_genotype *genotype, const char *table)
{
    cli_known known;
    SNAS_TRY(cli_known_open(session, genotype, table, &known));
    return cli_known_say(session, &known);
}

/* What the search has found, and what comes next. */
static snas_status say_end(cli_session *session, const snas_config *config, const char *folder)
{
    snas_genotype genotype;
    const double *figures = session->figures;
    const char *path = snas_format(session->mem, "%s/genotype.json", folder);
    SNAS_TRY(path == NULL ? SNAS_E_MEMORY : snas_genotype_load(session->mem, path, &genotype));
    cli_say(session, "found, the likeliest of every edge:");
    for (int type = 0; type < genotype.space->cell_types; type++) {
        say_cell(session, &genotype, type);
    }
    if (session->has_figures) {
        cli_say(session, "its network: %s parameters, validation accuracy %.2f %%",
                cli_grouped(session->mem, (int64_t)figures[CLI_PARAMETERS]), 100 * figures[CLI_CHILD]);
    }
    if (session->has_figures && isfinite(figures[CLI_KNOWN])) {
        SNAS_TRY(say_known(session, &genotype, config->search.benchmark));
    }
    cli_say_next(session, "search", folder);
    return SNAS_OK;
}

static snas_status search(cli_session *session, const void *opaque)
{
    const values *v = opaque;
    snas_config config;
    snas_run_options options;
    SNAS_TRY(cli_loop_open(session, "search", &v->loop, &config, &options));
    const cli_asked asked = {.command = "search", .loop = &v->loop};
    SNAS_TRY(cli_loop_hours(session, &asked, &options, &config));
    if (v->loop.dry_run) {
        return cli_loop_dry_run(session, &asked, &options, &config);
    }
    const snas_status status =
        v->loop.resume != NULL ? snas_search_resume(&config, &options) : snas_search_start(&config, &options);
    if (status == SNAS_OK) {
        SNAS_TRY(say_end(session, &config, options.folder));
    }
    return cli_loop_close(session, "search", &v->loop, &options, status);
}

const cli_command cli_search = {
    .name = "search",
    .brief = "search for a cell",
    .examples = "  snas search configs/cifar10-small.json\n"
                "  snas search my.json --set search.resource.preset=mild --out runs/mild\n"
                "  snas search my.json --set search.method=darts --out runs/darts\n"
                "  snas search --resume runs/mild\n",
    .forms = cli_loop_forms,
    .more =
        LOOP_SIGNALS "Presets of search.resource (mild, moderate, aggressive) are ours: the paper gives no lambdas.\n"
                     "stdout gets the run folder, with --json a line an epoch; the rest goes to stderr.\n",
    .less_memory = "less memory is needed with a smaller --set search.batch=N, with --set search.recompute=true "
                   "and with fewer --threads; --dry-run says how much",
    .options = OPTIONS,
    .values_size = sizeof(values),
    .many = true,
    .run = search,
};
