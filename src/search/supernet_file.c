/* supernet_file.c -- a supernet from a file, judged as a child: Z is the one-hot of every edge's likeliest candidate.
 *
 * The file is what `snas derive --weights` writes, or a state dict of the published supernet.
 */
#include "snas/search/supernet_file.h"
#include "snas/search/search.h"

#include "reading.h"
#include "search_state.h"
#include "snas/base/text.h"
#include "snas/learn/run_network.h"

static bool is_logits(const snas_named_tensor *tensor)
{
    return snas_ends(tensor->name, "_log_alpha");
}

bool snas_supernet_is(snas_arena *mem, const snas_space *space, const snas_tensor_file *file)
{
    const char *name = snas_format(mem, "%s_log_alpha", space->type_names[0]);
    return name != NULL && snas_tensor_find(file, name) != NULL;
}

static void drop_logits(snas_tensor_file *file)
{
    int kept = 0;
    for (int i = 0; i < file->count; i++) {
        if (!is_logits(&file->tensors[i])) {
            file->tensors[kept++] = file->tensors[i];
        }
    }
    file->count = kept;
}

/* The one-hot of the logits' likeliest candidates, and what that child counts. */
static snas_status read_child(snas_arena *mem, const snas_search_config *settings, const char *path,
                              snas_opened *opened)
{
    const snas_space *space = settings->space;
    const snas_dataset *dataset = &opened->dataset;
    snas_logits logits;
    search_sizes sizes;
    search_reading reading;
    SNAS_TRY(snas_logits_create(mem, space->cell_types, snas_space_edge_count(space), space->candidate_count, &logits));
    SNAS_TRY(search_logits_load(mem, space, path, &opened->file, &logits));
    SNAS_TRY(search_sizes_create(mem, settings, dataset->classes, dataset->test.side, &sizes));
    SNAS_TRY(search_reading_create(mem, &logits, &reading));
    search_reading_take(&sizes, &logits, SNAS_RULE_EDGE, &reading);
    opened->judged.batch = (snas_batch){.z = reading.z, .row_of_cell = sizes.type_of_cell, .sparse = true};
    opened->size = (snas_count){.parameters = reading.parameters, .macs = reading.macs};
    return SNAS_OK;
}

snas_status snas_supernet_open(snas_arena *mem, const snas_config *config, const snas_run_options *options,
                               const char *path, snas_opened *opened)
{
    snas_search_config settings = config->search;
    settings.affine = snas_tensor_find(&opened->file, "cells.0.preprocess1.op.2.weight") != NULL;
    SNAS_TRY(read_child(mem, &settings, path, opened));
    drop_logits(&opened->file);
    const snas_network_spec spec = snas_search_spec(&settings, &opened->dataset);
    snas_network_options how = snas_run_network_options(config->train.batch, config->shards, false, options->kernels);
    how.training = opened->recalibrates;
    how.single_path = true;
    return snas_network_create(mem, &options->team, &spec, &how, &opened->judged.network);
}
