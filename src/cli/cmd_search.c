/* cmd_search.c -- `snas search`: train the supernet and its distribution over architectures. */
#include "frame.h"

#include "snas/search/search.h"

typedef struct {
    cli_loop loop;
} values;

static const cli_option OPTIONS[] = {LOOP_OPTIONS(values, loop), OPTIONS_END};

static snas_status search(cli_session *session, const void *opaque)
{
    const values *v = opaque;
    snas_config config;
    snas_run_options options;
    SNAS_TRY(cli_loop_open(session, "search", &v->loop, &config, &options));
    if (v->loop.dry_run) {
        snas_estimate estimate;
        SNAS_TRY(snas_search_estimate(&config, &options, &estimate));
        return cli_loop_estimate(session, &v->loop, &estimate);
    }
    const snas_status status =
        v->loop.resume != NULL ? snas_search_resume(&config, &options) : snas_search_start(&config, &options);
    return cli_loop_close(session, "search", &v->loop, &options, status);
}

const cli_command cli_search = {
    .name = "search",
    .brief = "search for a cell",
    .examples = "  snas search configs/cifar10-small.json\n"
                "  snas search configs/quick.json --set search.resource.preset=mild --out runs/mild\n"
                "  snas search --resume runs/mild\n",
    .usage = "snas search CONFIG [--set KEY=VALUE]... [--out RUN] [--threads N] [--dry-run] [--json]\n"
             "       snas search --resume RUN [--set KEY=VALUE]... [--threads N] [--json]",
    .more =
        LOOP_SIGNALS "Presets of search.resource (mild, moderate, aggressive) are ours: the paper gives no lambdas.\n"
                     "stdout gets the run folder, with --json a line an epoch; the rest goes to stderr.\n",
    .less_memory = "less memory is needed with a smaller --set search.batch=N, with --set search.recompute=true "
                   "and with fewer --threads; --dry-run says how much",
    .options = OPTIONS,
    .values_size = sizeof(values),
    .run = search,
};
