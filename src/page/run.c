/* run.c -- all that a page shows of one run, read from its folder. */
#include "run.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/format/json.h"
#include "snas/format/tensor_pieces.h"
#include "snas/learn/child_file.h"
#include "snas/space/genotype.h"

static const size_t log_most = (size_t)1 << 26;
enum { LOG_LINES = 40 };

bool page_run_is_search(const page_run *run)
{
    return strcmp(run->record.command, "search") == 0;
}

int page_run_epochs(const page_run *run)
{
    return page_run_is_search(run) ? run->record.config.search.epochs : run->record.config.train.epochs;
}

double page_run_figure(const page_run *run, int row, const char *name)
{
    const snas_run_record *record = &run->record;
    const int index = row < 0 ? record->row_count - 1 : row;
    if (index < 0 || index >= record->row_count) {
        return (double)NAN;
    }
    const snas_metrics_figure *found = snas_metrics_row_find(&record->rows[index], name);
    return found == NULL ? (double)NAN : found->value;
}

double page_run_newest(const page_run *run, const char *name)
{
    for (int row = run->record.row_count - 1; row >= 0; row--) {
        const double value = page_run_figure(run, row, name);
        if (isfinite(value)) {
            return value;
        }
    }
    return (double)NAN;
}

/* --- the folder's name and state ---------------------------------------------------------------------------------- */

snas_status page_folder_name(snas_arena *mem, const char *path, const char **out)
{
    char here[PATH_MAX];
    if (strcmp(path, ".") == 0 && getcwd(here, sizeof here) != NULL) {
        path = here;
    }
    *out = snas_path_name(mem, path);
    return snas_taken(*out);
}

static void take_state(page_run *run)
{
    const bool running = strcmp(run->record.status, "running") == 0;
    run->going_on = running && snas_run_is_worked_on(run->folder);
    run->state = running && !run->going_on ? "killed" : run->record.status;
}

/* --- files that may be missing ------------------------------------------------------------------------------------ */

static snas_status path_in(snas_arena *mem, const page_run *run, const char *name, const char **out)
{
    *out = snas_format(mem, "%s/%s", run->folder, name);
    return snas_taken(*out);
}

/* Whatever the status but a lack of memory: what could not be read is left out. */
static snas_status forgive(snas_status status)
{
    if (status == SNAS_OK || status == SNAS_E_MEMORY) {
        return status;
    }
    snas_error_clear();
    return SNAS_OK;
}

static const char *value_text(snas_arena *mem, const snas_json *value)
{
    snas_text text = snas_text_make(mem);
    if (value->kind == SNAS_JSON_STRING) {
        return value->string;
    }
    snas_text_add_real(&text, value->number);
    return text.failed ? NULL : text.data;
}

static snas_status read_environment(snas_arena *mem, page_run *run)
{
    const snas_json *root;
    const char *path;
    page_pair *pairs;
    SNAS_TRY(path_in(mem, run, "env.json", &path));
    SNAS_TRY(snas_json_load(mem, path, &root));
    SNAS_NEW(mem, pairs, root->count + 1);
    for (const snas_json *m = root->first; m != NULL; m = m->next) {
        const char *value = value_text(mem, m);
        SNAS_TRY(snas_taken(value));
        pairs[run->environment_count++] = (page_pair){m->key, value};
    }
    run->environment = pairs;
    return SNAS_OK;
}

static snas_status read_genotype(snas_arena *mem, page_run *run)
{
    const char *path;
    snas_genotype *genotype;
    SNAS_NEW(mem, genotype, 1);
    SNAS_TRY(path_in(mem, run, "genotype.json", &path));
    if (snas_file_is(path)) {
        SNAS_TRY(snas_genotype_load(mem, path, genotype));
        run->genotype = genotype;
    }
    return SNAS_OK;
}

static snas_status read_logits(snas_arena *mem, page_run *run)
{
    snas_saved_logits *logits;
    if (!page_run_is_search(run)) {
        return SNAS_OK;
    }
    SNAS_NEW(mem, logits, 1);
    SNAS_TRY(snas_saved_logits_read(mem, run->folder, run->record.config.search.space, logits));
    run->logits = logits;
    return SNAS_OK;
}

static snas_status read_log(snas_arena *mem, page_run *run)
{
    const char *path;
    snas_bytes bytes;
    SNAS_TRY(path_in(mem, run, "log.txt", &path));
    SNAS_TRY(snas_file_read(mem, path, log_most, &bytes));
    const char *at = (const char *)bytes.data + bytes.size;
    for (int lines = 0; at > (const char *)bytes.data && lines <= LOG_LINES;) {
        at--;
        lines += *at == '\n' && at + 1 < (const char *)bytes.data + bytes.size;
        if (lines > LOG_LINES - 1) {
            at++;
            break;
        }
    }
    run->log_tail = at;
    return SNAS_OK;
}

/* --- tests -------------------------------------------------------------------------------------------------------- */

static snas_status count_network(snas_arena *mem, const snas_child_weights *weights, page_run *run)
{
    const snas_network_spec spec = snas_child_spec(weights);
    snas_count count;
    SNAS_TRY(snas_network_count(mem, &spec, &count, NULL));
    run->parameters = (double)count.parameters;
    run->macs = (double)count.macs;
    return SNAS_OK;
}

static snas_status read_test(snas_arena *mem, const char *path, const char *whose, page_run *run)
{
    snas_tensor_map map;
    snas_child child;
    snas_genotype genotype;
    snas_tally *tally;
    bool found;
    SNAS_TRY(snas_tensor_map_open(mem, path, &map));
    SNAS_TRY(snas_child_parse(mem, path, &map.head, &found, &child, &genotype));
    if (found) {
        SNAS_TRY(count_network(mem, &(snas_child_weights){.child = &child, .genotype = &genotype}, run));
    }
    SNAS_TRY(snas_tally_read(mem, path, snas_metadata_find(&map.head, "snas.test"), &tally));
    if (found && tally != NULL && tally->classes == child.classes) {
        const char *title = snas_format(mem, "%s, epoch %lld", whose, (long long)child.epoch);
        SNAS_TRY(snas_taken(title));
        run->tests[run->test_count++] = (page_tests){title, tally, child.class_names};
    }
    return SNAS_OK;
}

static snas_status read_tests(snas_arena *mem, page_run *run)
{
    static const struct {
        const char *file, *whose;
    } files[PAGE_TESTS_MAX] = {{"weights-last.safetensors", "weights of the last evaluation"},
                               {"weights-average-last.safetensors", "averaged weights of the last evaluation"}};
    for (int i = 0; i < PAGE_TESTS_MAX; i++) {
        const char *path;
        SNAS_TRY(path_in(mem, run, files[i].file, &path));
        if (snas_file_is(path)) {
            SNAS_TRY(forgive(read_test(mem, path, files[i].whose, run)));
        }
    }
    return SNAS_OK;
}

snas_status page_run_read(snas_arena *mem, const char *folder, page_run *out)
{
    *out = (page_run){.folder = folder, .log_tail = "", .parameters = (double)NAN, .macs = (double)NAN};
    SNAS_TRY(page_folder_name(mem, folder, &out->name));
    SNAS_TRY(snas_run_read(mem, folder, &out->record));
    take_state(out);
    SNAS_TRY(page_settings_read(mem, out));
    SNAS_TRY(forgive(read_environment(mem, out)));
    SNAS_TRY(forgive(read_genotype(mem, out)));
    SNAS_TRY(forgive(read_logits(mem, out)));
    SNAS_TRY(forgive(read_log(mem, out)));
    return read_tests(mem, out);
}
