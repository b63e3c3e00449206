/* derive.c -- `snas derive`: read an architecture off the newest checkpoint of a search, and judge it with the weights
 * that it inherits.
 *
 * The child is the supernet with the one-hot of the genotype for Z: candidates that are not chosen do not run. The
 * batch norms' running statistics belong to the mixture of candidates; recalibration replaces them by the child's own.
 */
#include <string.h>

#include "budget_terms.h"
#include "saved.h"
#include "search_state.h"
#include "snas/base/log.h"
#include "snas/base/text.h"
#include "snas/learn/class_names.h"
#include "snas/learn/flaw_report.h"
#include "snas/learn/run_network.h"
#include "snas/search/derive.h"
#include "snas/search/search.h"
#include "within.h"

/* The data that the child is judged by: validation pictures, and training pictures for the recalibration. */
typedef struct {
    snas_loader *validation, *recalibration;
} judging;

static snas_status open_judging(snas_arena *mem, const snas_config *config, snas_team team, const snas_dataset *dataset,
                                judging *out)
{
    snas_search_parts parts;
    SNAS_TRY(snas_streams_search(mem, config, dataset, &parts));
    const snas_reader reader = {config, team, config->search.batch, 0};
    SNAS_TRY(snas_streams_loader(mem, &reader, dataset, parts.validation, &out->validation));
    return snas_streams_recalibration_loader(mem, &reader, dataset, parts.train, &out->recalibration);
}

/* A child within its supernet. */
typedef struct {
    const snas_config *config;
    const snas_run_options *options;
    const snas_dataset *dataset;
    const snas_tensor_file *file; /* the supernet's weights */
    const int *type_of_cell;
    const double *z; /* the child's operations: [types][E][K], one hot */
} child_of_search;

/* Accuracy with the running statistics of the search, then with the child's own. */
static snas_status judge(snas_arena *mem, const child_of_search *c, snas_derived *out)
{
    const snas_search_config *settings = &c->config->search;
    const snas_run_options *options = c->options;
    const snas_network_spec spec = snas_search_spec(settings, c->dataset);
    /* planned for training: a recalibration keeps a whole batch in memory */
    snas_network_options how = snas_search_network_options(settings, c->config->shards, options->kernels);
    how.single_path = true;
    judging data;
    snas_judged judged = {.batch = {.z = c->z, .row_of_cell = c->type_of_cell, .sparse = true}};
    SNAS_TRY(open_judging(mem, c->config, options->team, c->dataset, &data));
    SNAS_TRY(snas_network_create(mem, &options->team, &spec, &how, &judged.network));
    SNAS_TRY(snas_saved_fault(snas_network_load(judged.network, c->file, "model.", true)));

    snas_watch watch = snas_watch_make(options);
    snas_accuracy before, after;
    judged.phase = "child";
    judged.loader = data.validation;
    SNAS_TRY(snas_accuracy_measure(&judged, &watch, &before));
    judged.phase = "recalibrate";
    judged.loader = data.recalibration;
    SNAS_TRY(snas_recalibrate(&judged, &watch, settings->recalibration_batches, &out->recalibration_batches));
    judged.phase = "child";
    judged.loader = data.validation;
    SNAS_TRY(snas_accuracy_measure(&judged, &watch, &after));
    snas_flaws_warn(&c->dataset->train);
    snas_flaws_warn(&c->dataset->test);
    out->evaluated = true;
    out->accuracy = before.accuracy;
    out->accuracy_recalibrated = after.accuracy;
    return SNAS_OK;
}

/* The name that the published code has for a tensor of a checkpoint; NULL: it has none. */
static const char *published_name(const char *name)
{
    static const char prefix[] = "model.";
    if (snas_starts(name, prefix)) {
        return name + strlen(prefix);
    }
    return snas_ends(name, "_log_alpha") ? name : NULL;
}

snas_status snas_search_export(snas_arena *mem, const char *folder, const char *path)
{
    search_saved saved;
    const char *name;
    snas_named_tensor *tensors;
    int count = 0;
    SNAS_TRY(search_saved_open(mem, folder, SEARCH_NEWEST, &saved));
    const snas_tensor_file file = saved.file;
    SNAS_NEW(mem, tensors, file.count);
    for (int i = 0; i < file.count; i++) {
        if ((name = published_name(file.tensors[i].name)) != NULL) {
            tensors[count] = file.tensors[i];
            tensors[count++].name = name;
        }
    }
    static const char *const kept[] = {"snas.division", "snas.classes"};
    snas_metadata metadata[1 + sizeof kept / sizeof kept[0]] = {{"format", "pt"}};
    int metadata_count = 1;
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        const char *value = snas_metadata_find(&file, kept[i]);
        if (value != NULL) {
            metadata[metadata_count++] = (snas_metadata){kept[i], value};
        }
    }
    const snas_tensor_file out = {
        .tensors = tensors, .count = count, .metadata = metadata, .metadata_count = metadata_count};
    return snas_safetensors_save_finite(mem, path, &out);
}

bool snas_derive_is_bounded(const snas_derive_request *request)
{
    bool bounded = false;
    for (int i = 0; i < SNAS_DERIVE_LIMITS; i++) {
        bounded = bounded || request->limit[i] > 0;
    }
    for (int i = 0; i < SNAS_DERIVE_BUDGETS; i++) {
        bounded = bounded || request->most[i] > 0;
    }
    return bounded;
}

/* The rule's own cell, or what is within the request's bounds in its place. */
static snas_status choose(snas_arena *mem, const child_of_search *c, const snas_derive_request *request,
                          const search_reading *reading, snas_derived *out)
{
    search_within within;
    const bool bounded = snas_derive_is_bounded(request);
    out->own = reading->genotype;
    out->genotype = reading->genotype;
    const char *table = request->latency_table != NULL ? request->latency_table : c->config->search.table;
    const snas_status status = search_within_open(mem, c->config, c->dataset, reading->p, table, &within);
    if (status == SNAS_E_USAGE && !bounded && request->latency_table == NULL) {
        snas_error_clear(); /* the train section is another command's */
        return SNAS_OK;
    }
    SNAS_TRY(status);
    if (bounded) {
        SNAS_TRY(search_within_solve(mem, &within, request, &out->genotype, &out->looked));
    }
    SNAS_TRY(search_within_cost(mem, &within, &out->own, &out->own_child));
    return search_within_cost(mem, &within, &out->genotype, &out->child);
}

/* Read the logits that the search has come to. */
static snas_status open_logits(snas_arena *mem, const snas_config *config, const char *folder, search_saved *saved,
                               snas_logits *logits)
{
    const snas_space *space = config->search.space;
    SNAS_TRY(search_saved_open(mem, folder, SEARCH_NEWEST, saved));
    SNAS_TRY(snas_logits_create(mem, space->cell_types, snas_space_edge_count(space), space->candidate_count, logits));
    SNAS_TRY(snas_saved_fault(search_logits_load(mem, space, saved->path, &saved->file, logits)));
    if (search_is_unranked(&saved->file)) {
        snas_log(SNAS_LOG_WARNING, "the search has ranked no cells yet: this one is the first logits'");
    }
    return SNAS_OK;
}

/* The genotype of the request, and what the search says of it. */
static snas_status read_genotype(snas_arena *mem, const child_of_search *c, const snas_derive_request *request,
                                 const search_sizes *sizes, search_reading *reading, snas_derived *out)
{
    SNAS_TRY(choose(mem, c, request, reading, out));
    out->genotype.origin = search_origin(mem, c->config->seed, out->step, request);
    out->genotype.division = c->dataset->division;
    search_reading_set(sizes, &out->genotype, reading);
    out->probabilities = reading->p;
    out->parameters = reading->parameters;
    out->macs = reading->macs;
    memcpy(out->entropy, reading->entropy, sizeof out->entropy);
    return SNAS_OK;
}

snas_status snas_derive(snas_arena *mem, const snas_config *config, const snas_run_options *options,
                        const snas_derive_request *request, snas_derived *out)
{
    search_saved saved;
    snas_logits logits;
    snas_dataset dataset;
    search_sizes sizes;
    search_reading reading;
    *out = (snas_derived){0};
    SNAS_TRY(open_logits(mem, config, options->folder, &saved, &logits));
    out->step = saved.step;
    SNAS_TRY(snas_streams_open_run(mem, config, config->search.side, options->folder, &dataset));
    if (dataset.changed != NULL) {
        snas_log(SNAS_LOG_WARNING, "%s", dataset.changed);
    }
    SNAS_TRY(search_sizes_create(mem, &config->search, dataset.classes, dataset.train.side, &sizes));
    SNAS_TRY(search_reading_create(mem, &logits, &reading));
    search_reading_take(&sizes, &logits, request->rule, &reading);
    const child_of_search child = {config, options, &dataset, &saved.file, sizes.type_of_cell, reading.z};
    SNAS_TRY(read_genotype(mem, &child, request, &sizes, &reading, out));
    if (!request->evaluate) {
        return SNAS_OK;
    }
    const char *classes = snas_metadata_find(&saved.file, "snas.classes");
    SNAS_TRY(snas_class_names_check(mem, saved.path, classes, dataset.class_names, dataset.classes));
    return judge(mem, &child, out);
}
