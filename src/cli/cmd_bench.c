/* cmd_bench.c -- `snas bench`: how fast a step is, what bounds it, what memory it takes, where its time goes. */
#include <inttypes.h>
#include <string.h>

#include "frame.h"
#include "kernel_table.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/comm/comm.h"
#include "snas/judge/bench.h"

typedef struct {
    const char *target, *genotype;
    cli_list sets;
    int batch, threads, steps;
    bool evaluate, recompute, kernels, json;
} values;

enum { STEP = 1 }; /* the form that measures a step */
static const char *const FORMS[] = {"CONFIG|PRESET", "--kernels", NULL};

static const cli_option OPTIONS[] = {
    ARG("CONFIG|PRESET", values, target, "JSON file, or one of the presets below"),
    TEXT("genotype", "FILE|NAME|LINE", values, genotype, "train this child instead of searching", .in_forms = STEP),
    LIST("set", "KEY=VALUE", values, sets, "a config value over the file's; repeatable", .in_forms = STEP),
    NUMBER("batch", "N", 1, 65536, values, batch, "else the config's or preset's"),
    NUMBER("threads", "N", 1, 1024, values, threads, "else one a processor", .in_forms = STEP),
    NUMBER("steps", "N", 1, 1000000, values, steps, "timed steps; else 10"),
    FLAG("evaluate", 0, values, evaluate, "batches of an evaluation instead of training steps", .in_forms = STEP),
    FLAG("recompute", 0, values, recompute, "make convolutions' outputs again instead of storing them",
         .in_forms = STEP),
    FLAG("kernels", 0, values, kernels,
         "every fused kernel alone, on one thread: on one picture, and on --batch of them, else 256",
         .in_forms = CLI_IN_WORDS),
    FLAG("json", 0, values, json, "the figures as JSON"),
    OPTIONS_END,
};
enum { STEPS = 10, SYNTHETIC_MIN = 2048, SYNTHETIC_BATCHES = 4 };

/* The networks of the paper, and smaller ones; all on pictures that need no files. */
typedef struct {
    const char *name;
    int channels, cells, batch;
    const char *genotype; /* NULL: the supernet */
} preset;
static const preset PRESETS[] = {{"search", 16, 8, 64, NULL},
                                 {"search-small", 8, 5, 64, NULL},
                                 {"child", 16, 8, 96, "DARTS_V2"},
                                 {"child-paper", 36, 20, 96, "DARTS_V2"}};
enum { PRESET_COUNT = sizeof PRESETS / sizeof PRESETS[0] };

/* --- what to measure ---------------------------------------------------------------------------------------------- */

static const char *preset_at(const void *context, int i)
{
    (void)context;
    return PRESETS[i].name;
}

static const char *preset_name(int i)
{
    return i < PRESET_COUNT ? PRESETS[i].name : NULL;
}

static const preset *preset_find(const char *name)
{
    for (int i = 0; i < PRESET_COUNT; i++) {
        if (strcmp(PRESETS[i].name, name) == 0) {
            return &PRESETS[i];
        }
    }
    return NULL;
}

static snas_status preset_settings(snas_arena *mem, const preset *p, int batch, const cli_list *more,
                                   snas_config *config)
{
    const int wanted = batch * SYNTHETIC_BATCHES;
    const struct {
        const char *key;
        int value;
    } rows[] = {{"search.channels", p->channels},
                {"search.cells", p->cells},
                {"train.channels", p->channels},
                {"train.cells", p->cells},
                {"data.synthetic.train", wanted > SYNTHETIC_MIN ? wanted : SYNTHETIC_MIN}};
    enum { ROWS = sizeof rows / sizeof rows[0] };
    const char **sets;
    SNAS_NEW(mem, sets, 1 + ROWS + more->count);
    sets[0] = "data.dataset=synthetic";
    for (int i = 0; i < ROWS; i++) {
        sets[i + 1] = snas_format(mem, "%s=%d", rows[i].key, rows[i].value);
        SNAS_TRY(snas_taken(sets[i + 1]));
    }
    for (int i = 0; i < more->count; i++) {
        sets[1 + ROWS + i] = more->items[i];
    }
    return snas_config_load(mem, NULL, sets, 1 + ROWS + more->count, config);
}

static snas_status choose(cli_session *session, const values *v, snas_config *config, const char **genotype)
{
    const preset *p = preset_find(v->target);
    int batch = v->batch;
    *genotype = v->genotype;
    if (p != NULL) {
        batch = batch > 0 ? batch : p->batch;
        *genotype = v->genotype != NULL ? v->genotype : p->genotype;
        SNAS_TRY(preset_settings(session->mem, p, batch, &v->sets, config));
    } else if (snas_file_is(v->target) || strchr(v->target, '/') != NULL || snas_ends(v->target, ".json")) {
        SNAS_TRY(snas_config_load(session->mem, v->target, v->sets.items, v->sets.count, config));
    } else {
        return snas_fail(SNAS_E_USAGE, "no file and no preset '%s'%s", v->target,
                         cli_allowed(session->mem, v->target, preset_at, NULL, PRESET_COUNT));
    }
    if (batch > 0) {
        config->search.batch = batch;
        config->train.batch = batch;
    }
    return SNAS_OK;
}

/* --- results ------------------------------------------------------------------------------------------------------ */

typedef struct {
    const char *key;
    double value;
} figure;

static void add_figures(snas_text *text, const figure *figures, int count)
{
    for (int i = 0; i < count; i++) {
        snas_text_add(text, ", \"%s\": ", figures[i].key);
        snas_text_add_real(text, figures[i].value);
    }
}

static void add_table(snas_text *text, const snas_benched *b)
{
    snas_text_add(text, ", \"kernels\": [");
    for (int i = 0; i < b->row_count; i++) {
        const snas_bench_row *row = &b->rows[i];
        const figure figures[] = {{"forward_s", row->forward_s},
                                  {"backward_s", row->backward_s},
                                  {"total_s", row->total_s},
                                  {"share", row->share}};
        snas_text_next(text, ", ");
        snas_text_add(text, "{\"kernel\": ");
        snas_text_add_json(text, row->kernel);
        add_figures(text, figures, sizeof figures / sizeof figures[0]);
        snas_text_add(text, ", \"forward_calls\": %" PRId64 ", \"backward_calls\": %" PRId64 "}", row->forward_calls,
                      row->backward_calls);
    }
    snas_text_add(text, "]");
}

/* What one thread alone does, and the model's steps on 1, 2, 4, ... 64 cores. */
static void add_cores(snas_text *text, const snas_bench_cores *cores)
{
    const figure figures[] = {{"alone_s", cores->alone_s}, {"loops_per_step", cores->loops}};
    if (!cores->known) {
        return;
    }
    add_figures(text, figures, 2);
    snas_text_add(text, ", \"cores\": [");
    for (int k = 0; k < SNAS_BENCH_CORES; k++) {
        const figure of[] = {{"step_s", cores->step_s[k]}, {"amdahl", cores->most[k]}};
        snas_text_next(text, ", ");
        snas_text_add(text, "{\"cores\": %d", 1 << k);
        add_figures(text, of, 2);
        snas_text_add(text, "}");
    }
    snas_text_add(text, "]");
}

/* What several processes exchange, and the model's steps with 1, 2, 4, 8, 16 of them. */
static void add_many(snas_text *text, const snas_benched *b)
{
    const figure figures[] = {{"messages_per_step", b->traffic.messages},
                              {"sent_bytes_per_step", b->traffic.bytes},
                              {"exchange_share", b->traffic.share}};
    if (b->traffic.ranks == 1) {
        return;
    }
    snas_text_add(text, ", \"ranks\": %d", b->traffic.ranks);
    add_figures(text, figures, sizeof figures / sizeof figures[0]);
    snas_text_add(text, ", \"model\": [");
    for (int i = 0; i < SNAS_BENCH_NETWORKS; i++) {
        const snas_bench_network *network = &b->networks[i];
        const figure of[] = {{"latency_s", network->latency_s}, {"bytes_per_s", network->bytes_per_s}};
        snas_text_next(text, ", ");
        snas_text_add(text, "{\"network\": ");
        snas_text_add_json(text, network->name);
        add_figures(text, of, 2);
        snas_text_add(text, ", \"step_s\": [");
        for (int k = 0; k < SNAS_BENCH_MODELS; k++) {
            snas_text_next(text, ", ");
            snas_text_add_real(text, network->step_s[k]);
        }
        snas_text_add(text, "]}");
    }
    snas_text_add(text, "]");
}

static snas_status print_json(cli_session *session, const char *target, const snas_benched *b)
{
    const figure figures[] = {{"images_per_s", b->images_per_s},
                              {"step_s_median", b->step_s_median},
                              {"step_s_min", b->step_s_min},
                              {"gflops", b->gflops},
                              {"peak_gflops", b->peak_gflops},
                              {"share_of_peak", b->share_of_peak},
                              {"peak_rss_mib", b->peak_rss_mib},
                              {"planned_mib", b->planned_mib},
                              {"allocations_per_step", b->allocations_per_step},
                              {"data_wait_share", b->data_wait_share},
                              {"start_s", b->start_s},
                              {"profiled_step_s", b->profiled_step_s}};
    snas_text text = snas_text_make(session->mem);
    snas_text_add(&text, "{\"target\": ");
    snas_text_add_json(&text, target);
    snas_text_add(&text, ", \"step\": \"%s\", \"batch\": %d, \"channels\": %d, \"cells\": %d", b->step, b->batch,
                  b->channels, b->cells);
    snas_text_add(&text, ", \"classes\": %d, \"stem\": \"%s\", \"auxiliary\": ", b->classes, snas_stem_names[b->stem]);
    snas_text_add_real(&text, b->auxiliary);
    snas_text_add(&text, ", \"side\": %d, \"steps\": %d, \"threads\": %d", b->side, b->steps, b->threads);
    snas_text_add(&text, ", \"parameters\": %" PRId64 ", \"multiply_adds\": %" PRId64, b->parameters, b->macs);
    snas_text_add(&text, ", \"kernel_set\": ");
    snas_text_add_json(&text, b->kernel_set);
    snas_text_add(&text, ", \"blas\": ");
    snas_text_add_json(&text, b->blas);
    add_figures(&text, figures, sizeof figures / sizeof figures[0]);
    add_table(&text, b);
    add_cores(&text, &b->cores);
    add_many(&text, b);
    snas_text_add(&text, "}\n");
    return cli_print_text(session, &text);
}

static void print_people(cli_session *session, const snas_benched *b)
{
    snas_arena *mem = session->mem;
    cli_print(session, "%s, %d channels, %d cells, %d x %d pixels, batch %d, threads %d\n", b->step, b->channels,
              b->cells, b->side, b->side, b->batch, b->threads);
    cli_print(session, "kernels %s; BLAS: %s\n", b->kernel_set, b->blas);
    cli_print(session, "%s parameters, %s multiply-adds a picture\n\n", cli_grouped(mem, b->parameters),
              cli_grouped(mem, b->macs));
    cli_print(session, "%-14s %10.1f images/s\n", "speed", b->images_per_s);
    cli_print(session, "%-14s %10.4f s median of %d, %.4f s the fastest\n", "step", b->step_s_median, b->steps,
              b->step_s_min);
    cli_print(session, "%-14s %10.1f GFLOP/s, %.1f %% of the peak of %.1f\n", "arithmetic", b->gflops,
              100 * b->share_of_peak, b->peak_gflops);
    cli_print(session, "%-14s %10.1f MiB at most, %.1f planned\n", "memory", b->peak_rss_mib, b->planned_mib);
    cli_print(session, "%-14s %10.2f a step\n", "allocations", b->allocations_per_step);
    cli_print(session, "%-14s %10.2f %% of a step\n", "data wait", 100 * b->data_wait_share);
    cli_print(session, "%-14s %10.2f s to the end of the first step\n\n", "start", b->start_s);
    cli_print(session, "%-14s %10s %10s %8s %10s %10s\n", "a step, ms", "forward", "backward", "share", "calls",
              "calls back");
    for (int i = 0; i < b->row_count; i++) {
        const snas_bench_row *row = &b->rows[i];
        if (row->forward_calls + row->backward_calls == 0) {
            cli_print(session, "%-14s %21.2f %6.1f %%\n", row->kernel, 1e3 * row->total_s, 100 * row->share);
            continue;
        }
        cli_print(session, "%-14s %10.2f %10.2f %6.1f %% %10" PRId64 " %10" PRId64 "\n", row->kernel,
                  1e3 * row->forward_s, 1e3 * row->backward_s, 100 * row->share, row->forward_calls,
                  row->backward_calls);
    }
}

static void print_cores(cli_session *session, const snas_bench_cores *cores)
{
    static const char *const NAMES[] = {"a step, ms", "times as fast", "Amdahl's bound"};
    if (!cores->known) {
        return;
    }
    cli_print(session, "\none thread alone: %.3f ms of a step, %.3f %%, between %d parallel loops\n",
              1e3 * cores->alone_s, 100 * cores->alone_s / cores->step_s[0], cores->loops);
    cli_print(session, "%-14s", "cores");
    for (int k = 0; k < SNAS_BENCH_CORES; k++) {
        cli_print(session, " %8d", 1 << k);
    }
    for (int row = 0; row < 3; row++) {
        cli_print(session, "\n%-14s", NAMES[row]);
        for (int k = 0; k < SNAS_BENCH_CORES; k++) {
            const double of[] = {1e3 * cores->step_s[k], cores->step_s[0] / cores->step_s[k], cores->most[k]};
            cli_print(session, " %8.2f", of[row]);
        }
    }
    cli_print(session, "\n");
}

static void print_many(cli_session *session, const snas_benched *b)
{
    const snas_bench_traffic *t = &b->traffic;
    if (t->ranks == 1) {
        return;
    }
    cli_print(session,
              "\n%d processes; each sends %.0f messages a step with %.3f MB, and waits for others %.1f %% of it\n",
              t->ranks, t->messages, t->bytes / 1e6, 100 * t->share);
    cli_print(session, "a step by the model, ms\n%-14s %9s %9s %9s %9s %9s %9s %9s\n", "network", "latency", "MB/s",
              "1", "2", "4", "8", "16");
    for (int i = 0; i < SNAS_BENCH_NETWORKS; i++) {
        const snas_bench_network *n = &b->networks[i];
        cli_print(session, "%-14s %9.3f %9.1f", n->name, 1e3 * n->latency_s, n->bytes_per_s / 1e6);
        for (int k = 0; k < SNAS_BENCH_MODELS; k++) {
            cli_print(session, " %9.2f", 1e3 * n->step_s[k]);
        }
        cli_print(session, "\n");
    }
}

static snas_status measure_kernels(cli_session *session, const values *v)
{
    if (v->target != NULL || v->genotype != NULL || v->sets.count > 0 || v->evaluate || v->recompute ||
        v->threads > 1) {
        return snas_fail(SNAS_E_USAGE, "--kernels goes with --batch, --steps and --json only");
    }
    return cli_bench_kernels(session, v->batch, v->steps, v->json);
}

static snas_status bench(cli_session *session, const void *opaque)
{
    const values *v = opaque;
    if (v->kernels) {
        return snas_comm_agree(measure_kernels(session, v));
    }
    if (v->target == NULL) {
        return snas_comm_agree(snas_fail(SNAS_E_USAGE, "no CONFIG or PRESET given\nsee 'snas help bench'"));
    }
    snas_config config;
    const char *name;
    snas_genotype genotype;
    SNAS_TRY(snas_comm_agree(choose(session, v, &config, &name)));
    if (name != NULL) {
        SNAS_TRY(snas_comm_agree(snas_genotype_load(session->mem, name, &genotype)));
    }
    if (v->recompute) {
        config.search.recompute = config.train.recompute = true;
    }
    SNAS_TRY(snas_comm_agree(snas_comm_fits("the batch", name == NULL ? config.search.batch : config.train.batch)));
    const snas_run_options run = cli_run_options(session, ".", v->threads);
    cli_tell_threads(session, &config, &run);
    const snas_bench_options options = {.team = run.team,
                                        .kernels = run.kernels,
                                        .genotype = name == NULL ? NULL : &genotype,
                                        .evaluate = v->evaluate,
                                        .steps = v->steps > 0 ? v->steps : STEPS};
    snas_benched benched;
    SNAS_TRY(snas_bench(session->mem, &config, &options, &benched));
    if (v->json) {
        return print_json(session, v->target, &benched);
    }
    print_people(session, &benched);
    print_cores(session, &benched.cores);
    print_many(session, &benched);
    return SNAS_OK;
}

const cli_command cli_bench = {
    .name = "bench",
    .brief = "measure the speed and the memory of a step, or of kernels",
    .examples = "  snas bench search\n"
                "  snas bench child-paper --batch 32 --evaluate\n"
                "  snas bench configs/quick.json --genotype SNAS_mild --json\n"
                "  snas bench --kernels\n",
    .more =
        "Presets, on pictures that need no files:\n"
        "  search        a step of the search, 16 channels, 8 cells, batch 64\n"
        "  search-small  the same, 8 channels, 5 cells, batch 64\n"
        "  child         a step of training DARTS_V2, 16 channels, 8 cells, batch 96\n"
        "  child-paper   the same, 36 channels, 20 cells, batch 96\n"
        "A config gives a step of its search, with --genotype one of its training. In the table a "
        "line is\nthe time of a step, summed over the threads and divided by their number; `close` "
        "is batch\nstatistics and sums of gradients, `rest` is waiting, pictures and optimisers.\n\n"
        "With --threads 1 a last table says what more cores would give: the time that one thread works\nalone, outside "
        "of all parallel loops, Amdahl's bound of it, and a step of whose loops each unit\ngoes to the core that is "
        "free first. More cores than shards (--set shards=64) do not help. Cores\nshare bandwidth and caches, of which "
        "this knows nothing.\n\n"
        "With --kernels one picture stays in the cache, and many pictures do not fit: what a kernel\nreaches, and what "
        "is left of it when its pictures come from farther away. A share counts\nthe products that the mathematics "
        "asks for, twice as many on the way back; kernels make\nsome of them again.\n",
    .less_memory = "less memory is needed with a smaller --batch, with --recompute and with fewer --threads",
    .forms = FORMS,
    .options = OPTIONS,
    .values_size = sizeof(values),
    .preset_at = preset_name,
    .many = true,
    .run = bench,
};
