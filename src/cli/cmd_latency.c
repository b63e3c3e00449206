/* cmd_latency.c -- `snas latency`: what every candidate takes at every place of a child, on this processor. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "frame.h"
#include "progress.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/judge/latency.h"
#include "snas/model/regions.h"

enum { ROUNDS = 5 };

typedef struct {
    const char *config, *out, *table;
    cli_list sets;
    int batch, threads, rounds, check;
    bool json;
} values;

enum { TABLE = 1, CHECK = 2 };
static const char *const FORMS[] = {"CONFIG", "CONFIG", NULL};

static const cli_option OPTIONS[] = {
    ARG("CONFIG", values, config, "JSON file; its train section says which child"),
    LIST("set", "KEY=VALUE", values, sets, "a config value over the file's; repeatable"),
    NUMBER("batch", "N", 1, 65536, values, batch, "pictures an evaluation; 1 unless given"),
    NUMBER("threads", "N", 1, 1024, values, threads, "1 unless given: pictures, not operations, go to threads"),
    NUMBER("rounds", "N", 1, 1000, values, rounds, "how often every child is visited; 5 unless given"),
    TEXT("out", "FILE", values, out, "write the table there, as JSON", .in_forms = TABLE),
    NUMBER("check", "N", 1, 1000, values, check,
           "measure N drawn children, and hold what a table predicts of them against it", .in_forms = CHECK,
           .required = true),
    TEXT("table", "FILE", values, table, "the table; else a new one is measured", .in_forms = CHECK),
    FLAG("json", 0, values, json, "the table, or the children, as JSON on stdout"),
    OPTIONS_END,
};

static void tell(void *context, int done, int all, double seconds)
{
    cli_progress_count(context, "latency", done, all, seconds);
}

static double ms(int64_t nanoseconds)
{
    return 1e-6 * (double)nanoseconds;
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

/* Of a cell type and candidate: mean over its cells and edges, the least and the largest, in microseconds. */
static void add_candidate(snas_text *text, const snas_latency *t, int type, int k)
{
    const snas_space *space = t->child.space;
    const int E = snas_space_edge_count(space), K = space->candidate_count;
    double sum = 0.0, least = HUGE_VAL, largest = 0.0;
    int count = 0;
    for (int cell = 0; cell < t->child.cells; cell++) {
        const snas_cell_place place = snas_space_place(space, cell, t->child.cells, t->child.channels);
        if (place.type != type || place.block) {
            continue;
        }
        for (int e = 0; e < E; e++, count++) {
            const double cost = 1e-3 * (double)t->cost[((size_t)cell * (size_t)E + (size_t)e) * (size_t)K + (size_t)k];
            sum += cost;
            least = fmin(least, cost);
            largest = fmax(largest, cost);
        }
    }
    snas_text_add(text, "  %-14s %10.1f %10.1f %10.1f\n", space->candidates[k]->name, sum / count, least, largest);
}

static snas_status print_table(cli_session *session, const snas_latency *t)
{
    const snas_space *space = t->child.space;
    snas_text text = snas_text_make(session->mem);
    snas_text_add(&text, "%s, kernels %s, batch %d, threads %d, %d rounds\n", t->processor, t->kernels, t->batch,
                  t->threads, t->rounds);
    snas_text_add(&text, "space %s, C = %d, L = %d, stem %s, %d classes, %d x %d pixels\n", space->name,
                  t->child.channels, t->child.cells, t->child.stem, t->child.classes, t->child.side, t->child.side);
    snas_text_add(&text, "fixed parts %.3f ms, of it stem %.3f, classifier %.3f\n", ms(snas_latency_fixed(t)),
                  ms(t->stem), ms(t->classifier));
    snas_text_add(&text, "spread over the rounds %.1f %%, mean error of the sums on the children measured %.1f %%\n",
                  100 * t->spread, 100 * t->fit);
    for (int type = 0; type < space->cell_types; type++) {
        snas_text_add(&text, "%-16s %10s %10s %10s   microseconds an edge\n", space->type_names[type], "mean", "least",
                      "largest");
        for (int k = 0; k < space->candidate_count; k++) {
            add_candidate(&text, t, type, k);
        }
    }
    return cli_print_text(session, &text);
}

/* --- the check ---------------------------------------------------------------------------------------------------- */

static snas_status print_check(cli_session *session, const values *v, const snas_latency *t,
                               const snas_latency_trial *trials)
{
    double sum = 0.0, worst = 0.0;
    snas_text text = snas_text_make(session->mem);
    snas_text_add(&text, v->json ? "{\"children\": [" : "%8s %14s %14s %10s %10s\n", "child", "predicted ms",
                  "measured ms", "spread ms", "error %");
    for (int i = 0; i < v->check; i++) {
        const double predicted = ms(snas_latency_predict(t, &trials[i].genotype));
        const double measured = 1e3 * trials[i].seconds, error = predicted / measured - 1.0;
        sum += fabs(error);
        worst = fmax(worst, fabs(error));
        if (v->json) {
            snas_text_next(&text, ", ");
        }
        snas_text_add(&text,
                      v->json ? "{\"child\": %d, \"predicted_ms\": %.6f, \"measured_ms\": %.6f, \"spread_ms\": %.6f, "
                                "\"error\": %.5f}"
                              : "%8d %14.4f %14.4f %10.4f %+10.2f\n",
                      i + 1, predicted, measured, 1e3 * trials[i].spread, v->json ? error : 100 * error);
    }
    snas_text_add(&text,
                  v->json ? "], \"mean_error\": %.5f, \"worst_error\": %.5f}\n" : "mean error %.2f %%, worst %.2f %%\n",
                  v->json ? sum / v->check : 100 * sum / v->check, v->json ? worst : 100 * worst);
    return cli_print_text(session, &text);
}

static snas_status check(cli_session *session, const values *v, const snas_network_spec *child,
                         const snas_latency_options *options)
{
    snas_latency measured;
    const snas_latency *table = &measured;
    snas_latency_trial *trials;
    SNAS_TRY(v->table != NULL ? snas_region_table_open(session->mem, v->table, child, &table)
                              : snas_latency_measure(session->mem, child, options, &measured));
    SNAS_TRY(snas_latency_try(session->mem, child, options, v->check, &trials));
    return print_check(session, v, table, trials);
}

static snas_status latency(cli_session *session, const void *opaque)
{
    const values *v = opaque;
    const char *text;
    snas_config config;
    snas_network_spec child;
    snas_latency table;
    if (v->config == NULL) {
        return snas_fail(SNAS_E_USAGE, "no CONFIG given\nsee 'snas help latency'");
    }
    if ((v->out != NULL && v->check > 0) || (v->table != NULL && v->check == 0)) {
        return snas_fail(SNAS_E_USAGE, v->check > 0 ? "--check writes no table, found --out beside it"
                                                    : "--table is what --check N is made with, found without it");
    }
    SNAS_TRY(snas_config_load(session->mem, v->config, v->sets.items, v->sets.count, &config));
    SNAS_TRY(snas_latency_spec(session->mem, &config, &child));
    const snas_run_options run = cli_run_options(session, ".", v->threads > 0 ? v->threads : 1);
    const snas_latency_options options = {.team = run.team,
                                          .kernels = run.kernels,
                                          .batch = v->batch > 0 ? v->batch : 1,
                                          .rounds = v->rounds > 0 ? v->rounds : ROUNDS,
                                          .seed = config.seed,
                                          .progress = tell,
                                          .context = session};
    if (v->check > 0) {
        return check(session, v, &child, &options);
    }
    SNAS_TRY(snas_latency_measure(session->mem, &child, &options, &table));
    SNAS_TRY(snas_latency_write(session->mem, &table, &text));
    if (v->out != NULL) {
        SNAS_TRY(snas_file_replace_text(v->out, text));
        cli_say(session, "written to %s", v->out);
    }
    if (v->json) {
        cli_print(session, "%s", text);
        return SNAS_OK;
    }
    return print_table(session, &table);
}

const cli_command cli_latency = {
    .name = "latency",
    .brief = "measure what each candidate takes in a trained network",
    .examples = "  snas latency my.json --out latency.json\n"
                "  snas latency my.json --check 10 --table latency.json\n",
    .forms = FORMS,
    .more =
        "Measured are evaluations of the networks that `snas train` builds by the config's train section, with\n"
        "drawn cells: all in turn, round after round, on a machine that should have nothing else to do. The time\n"
        "of a network is then the fixed parts and a sum over its edges. --check draws other cells and says how far\n"
        "these sums are from the times of their networks.\n",
    .less_memory = "less memory is needed with a smaller --batch",
    .options = OPTIONS,
    .values_size = sizeof(values),
    .run = latency,
};
