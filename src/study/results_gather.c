/* results_gather.c -- the figures of every run of a study, read from its folders. */
#include <math.h>
#include <string.h>

#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/format/json.h"
#include "snas/learn/child_file.h"
#include "snas/loop/checkpoint.h"
#include "snas/loop/run_read.h"
#include "snas/space/benchmark.h"
#include "snas/study/results.h"
#include "study_steps.h"

enum { SECONDS_AN_HOUR = 3600, STATUS_BYTES = 64 };

const snas_result_row snas_result_rows[SNAS_RESULTS_COUNT] = {
    [SNAS_RESULT_SUPERNET] = {"supernet_accuracy", "supernet", "validation accuracy of the supernet",
                              SNAS_SHOWN_PERCENT},
    [SNAS_RESULT_CHILD] = {"child_accuracy", "child",
                           "validation accuracy of the derived cell's network with inherited weights",
                           SNAS_SHOWN_PERCENT},
    [SNAS_RESULT_RECALIBRATED] = {"child_accuracy_recalibrated", "recalibrated",
                                  "the same, its batch norms recalibrated", SNAS_SHOWN_PERCENT},
    [SNAS_RESULT_KNOWN] = {"known_accuracy", "looked up", "test accuracy of the cell in the table of known accuracies",
                           SNAS_SHOWN_PERCENT},
    [SNAS_RESULT_RANK] = {"known_rank", "rank", "of the cell in that table", SNAS_SHOWN_RANK},
    [SNAS_RESULT_TRAINED] = {"trained_accuracy", "trained", "test accuracy after training from the start",
                             SNAS_SHOWN_PERCENT},
    [SNAS_RESULT_PARAMETERS] = {"parameters", "parameters", "of the cell's network", SNAS_SHOWN_WHOLE},
    [SNAS_RESULT_MACS] = {"multiply_adds", "multiply-adds", "of the cell's network, a picture", SNAS_SHOWN_WHOLE},
    [SNAS_RESULT_HOURS] = {"processor_hours", "processor hours", "search and training", SNAS_SHOWN_HOURS},
    [SNAS_RESULT_PEAK] = {"peak_bytes", "peak MiB", "the most memory of a process", SNAS_SHOWN_MIB},
};

/* What is read, and where it goes. */
typedef struct {
    snas_arena *mem;
    const snas_study *study;
    const snas_study_folder *folder;
    const snas_study_run *run;
    snas_run_result *out;
} reading;

static double add(double total, double value)
{
    return isnan(total) ? value : isnan(value) ? total : total + value;
}

/* --- a run folder ------------------------------------------------------------------------------------------------- */

static double last_figure(const snas_run_record *record, const char *name)
{
    const snas_metrics_figure *found =
        record->row_count == 0 ? NULL : snas_metrics_row_find(&record->rows[record->row_count - 1], name);
    return found == NULL ? (double)NAN : found->value;
}

/* A figure of a run's last epoch, and what it is to the study. */
typedef struct {
    const char *name;
    snas_result figure;
} wanted;

static snas_status read_record(const reading *r, study_step step, wanted what)
{
    snas_run_record record;
    double *figures = r->out->figures;
    const char *path = study_run_path(r->mem, r->folder, r->run, step);
    SNAS_TRY(snas_taken(path));
    SNAS_TRY(snas_run_read(r->mem, path, &record));
    figures[what.figure] = last_figure(&record, what.name);
    figures[SNAS_RESULT_HOURS] = add(figures[SNAS_RESULT_HOURS], record.usage.processor_seconds / SECONDS_AN_HOUR);
    figures[SNAS_RESULT_PEAK] = fmax(figures[SNAS_RESULT_PEAK], record.usage.peak_bytes); /* NaN gives way */
    return SNAS_OK;
}

static snas_status read_search(const reading *r)
{
    return read_record(r, STUDY_SEARCH, (wanted){"validation_accuracy", SNAS_RESULT_SUPERNET});
}

/* The size of the trained network, as its weights tell it. */
static snas_status read_trained_size(const reading *r)
{
    snas_tensor_file file;
    snas_child child;
    snas_genotype genotype;
    snas_count count;
    bool found;
    const char *folder = study_run_path(r->mem, r->folder, r->run, STUDY_TRAIN);
    SNAS_TRY(snas_taken(folder));
    const char *path = snas_format(r->mem, "%s/weights-last.safetensors", folder);
    SNAS_TRY(snas_taken(path));
    SNAS_TRY(snas_safetensors_load(r->mem, path, &file));
    SNAS_TRY(snas_child_parse(r->mem, path, &file, &found, &child, &genotype));
    if (!found) {
        return snas_fail(SNAS_E_IO, "the weights '%s' do not say which network they belong to", path);
    }
    const snas_network_spec spec = {.space = genotype.space,
                                    .genotype = &genotype,
                                    .channels = child.channels,
                                    .cells = child.cells,
                                    .classes = child.classes,
                                    .side = child.side,
                                    .stem = child.stem};
    SNAS_TRY(snas_network_count(r->mem, &spec, &count, NULL));
    r->out->figures[SNAS_RESULT_PARAMETERS] = (double)count.parameters;
    r->out->figures[SNAS_RESULT_MACS] = (double)count.macs;
    return SNAS_OK;
}

static snas_status read_training(const reading *r)
{
    SNAS_TRY(read_record(r, STUDY_TRAIN, (wanted){"test_accuracy", SNAS_RESULT_TRAINED}));
    return read_trained_size(r);
}

/* --- what was derived --------------------------------------------------------------------------------------------- */

static snas_status read_number(const snas_json *root, const char *path, const char *key, double *out)
{
    const snas_json *found = snas_json_find(root, key);
    if (found == NULL || found->kind != SNAS_JSON_NUMBER) {
        return snas_fail(SNAS_E_IO, "'%s' has no number '%s'", path, key);
    }
    *out = found->number;
    return SNAS_OK;
}

static snas_status read_genotype(const reading *r)
{
    snas_genotype *genotype;
    const char *path = snas_format(r->mem, "%s/derived/%s.genotype", r->folder->path, r->run->name);
    SNAS_TRY(snas_taken(path));
    SNAS_NEW(r->mem, genotype, 1);
    SNAS_TRY(snas_genotype_load(r->mem, path, genotype));
    r->out->genotype = genotype;
    return SNAS_OK;
}

static snas_status read_derived(const reading *r)
{
    static const struct {
        const char *key;
        snas_result figure;
    } keys[] = {{"validation_accuracy", SNAS_RESULT_CHILD},
                {"validation_accuracy_recalibrated", SNAS_RESULT_RECALIBRATED},
                {"parameters", SNAS_RESULT_PARAMETERS},
                {"multiply_adds", SNAS_RESULT_MACS}};
    const snas_json *root;
    const char *path = study_derived_path(r->mem, r->folder, r->run);
    SNAS_TRY(snas_taken(path));
    SNAS_TRY(snas_json_load(r->mem, path, &root));
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        SNAS_TRY(read_number(root, path, keys[i].key, &r->out->figures[keys[i].figure]));
    }
    return SNAS_OK;
}

/* --- what is known of a cell -------------------------------------------------------------------------------------- */

/* The table that was read last: mostly all runs have the same. */
typedef struct {
    bool tried, is_there;
    const snas_space *space;
    const char *path; /* NULL: the one that comes with the program */
    snas_benchmark table;
} known_table;

static bool is_same_path(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* A table that cannot be read leaves the figures empty; a search's log has said why. */
static void load_table(snas_arena *mem, known_table *known, const snas_space *space, const char *path)
{
    if (known->tried && known->space == space && is_same_path(known->path, path)) {
        return;
    }
    *known = (known_table){.tried = true, .space = space, .path = path};
    known->is_there = space->benchmark != NULL && snas_benchmark_load(mem, space, path, &known->table) == SNAS_OK;
    snas_error_clear();
}

static void look_up(snas_arena *mem, const snas_study *study, known_table *known, snas_run_result *run)
{
    const snas_config *config = &study->variants[run->variant].config;
    if (run->genotype == NULL) {
        return;
    }
    load_table(mem, known, run->genotype->space, config->search.benchmark);
    if (!known->is_there) {
        return;
    }
    const int column = snas_benchmark_column_of(&known->table, config->data.dataset->name);
    const snas_known found = snas_benchmark_look_up(&known->table, column, run->genotype);
    run->figures[SNAS_RESULT_KNOWN] = found.accuracy;
    run->figures[SNAS_RESULT_RANK] = found.rank > 0 ? found.rank : (double)NAN;
}

/* --- all runs ----------------------------------------------------------------------------------------------------- */

/* The word for how a run stands whose next step is `step`. */
static snas_status read_state(const reading *r, study_step step)
{
    snas_bytes word;
    const bool first = step == STUDY_SEARCH || !study_has_step(r->run->variant, STUDY_SEARCH);
    r->out->state = step == STUDY_STEPS ? "done" : first ? "waiting" : "searched";
    const char *path =
        step >= STUDY_STEPS || step == STUDY_DERIVE ? NULL : study_run_path(r->mem, r->folder, r->run, step);
    path = path == NULL ? NULL : snas_format(r->mem, "%s/STATUS", path);
    if (path == NULL || !snas_file_is(path)) {
        return SNAS_OK;
    }
    SNAS_TRY(snas_file_read(r->mem, path, STATUS_BYTES, &word));
    r->out->state = snas_format(r->mem, "%.*s", (int)strcspn(word.data, "\n"), (const char *)word.data);
    return snas_taken(r->out->state);
}

static void clear_figures(snas_run_result *out)
{
    for (int f = 0; f < SNAS_RESULTS_COUNT; f++) {
        out->figures[f] = (double)NAN;
    }
}

static snas_status read_run(const reading *r)
{
    static snas_status (*const readers[STUDY_STEPS])(const reading *) = {
        [STUDY_SEARCH] = read_search, [STUDY_DERIVE] = read_derived, [STUDY_TRAIN] = read_training};
    const snas_variant *variant = r->run->variant;
    clear_figures(r->out);
    if (variant->kind != SNAS_VARIANT_SEARCH) {
        r->out->genotype = &variant->genotype;
    }
    const study_step next = study_next_step(r->mem, r->folder, r->run);
    for (int step = 0; step < STUDY_STEPS && step < (int)next; step++) {
        if (study_has_step(variant, (study_step)step)) {
            const snas_mark mark = snas_arena_mark(r->mem); /* figures stay, files of weights do not */
            const snas_status status = readers[step](r);
            snas_arena_release(r->mem, mark);
            SNAS_TRY(status);
        }
    }
    if (study_has_step(variant, STUDY_DERIVE) && next > STUDY_DERIVE) {
        SNAS_TRY(read_genotype(r));
    }
    return read_state(r, next);
}

/* A cell that nothing is run for. */
static void take_cell(const snas_study *study, int variant, snas_run_result *out)
{
    const snas_variant *cell = &study->variants[variant];
    clear_figures(out);
    out->name = cell->name;
    out->variant = variant;
    out->seed = -1;
    out->state = "done";
    out->genotype = &cell->genotype;
    out->figures[SNAS_RESULT_PARAMETERS] = cell->parameters > 0 ? (double)cell->parameters : (double)NAN;
    out->figures[SNAS_RESULT_MACS] = cell->parameters > 0 ? (double)cell->macs : (double)NAN;
}

static bool is_only_looked_at(const snas_variant *variant)
{
    return variant->kind != SNAS_VARIANT_SEARCH && !variant->trains;
}

snas_status snas_study_runs(snas_arena *mem, const snas_study *study, snas_study_run **out, int *count)
{
    snas_study_run *runs;
    int n = 0;
    SNAS_NEW(mem, runs, (size_t)study->seed_count * (size_t)study->variant_count + 1);
    for (int s = 0; s < study->seed_count; s++) {
        for (int v = 0; v < study->variant_count; v++) {
            const snas_variant *variant = &study->variants[v];
            if (is_only_looked_at(variant)) {
                continue;
            }
            const char *name = snas_format(mem, "%s-seed%llu", variant->name, (unsigned long long)study->seeds[s]);
            SNAS_TRY(snas_taken(name));
            runs[n++] = (snas_study_run){.variant = variant, .seed = study->seeds[s], .name = name};
        }
    }
    *out = runs;
    *count = n;
    return SNAS_OK;
}

static int seed_index(const snas_study *study, uint64_t seed)
{
    int i = 0;
    while (study->seeds[i] != seed) {
        i++;
    }
    return i;
}

snas_status snas_results_gather(snas_arena *mem, const snas_study *study, const snas_study_folder *folder,
                                snas_results *out)
{
    snas_study_run *runs;
    snas_run_result *results;
    int count;
    *out = (snas_results){.study = study};
    SNAS_TRY(snas_study_runs(mem, study, &runs, &count));
    SNAS_NEW(mem, results, count + study->variant_count);
    for (int i = 0; i < count; i++) {
        results[i] = (snas_run_result){.name = runs[i].name,
                                       .variant = (int)(runs[i].variant - study->variants),
                                       .seed = seed_index(study, runs[i].seed)};
        const reading r = {mem, study, folder, &runs[i], &results[i]};
        SNAS_TRY(snas_saved_fault(read_run(&r)));
        out->done += strcmp(results[i].state, "done") == 0;
    }
    for (int v = 0; v < study->variant_count; v++) {
        if (is_only_looked_at(&study->variants[v])) {
            take_cell(study, v, &results[count++]);
            out->done++;
        }
    }
    known_table known = {.tried = false};
    for (int i = 0; i < count; i++) {
        look_up(mem, study, &known, &results[i]);
    }
    out->runs = results;
    out->run_count = count;
    return snas_results_compare(mem, out);
}
