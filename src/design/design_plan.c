/* design_plan.c -- what a design begins with: the config that fits its pictures, what is laid over it, what is given.
 *
 *      a packed file          configs/folder-small.json for photographs of any size, for equal squares the last
 *      another file           that config
 *      a folder of pictures   configs/folder-small.json
 *      the name of a set      configs/cifar10-hour.json
 */
#include <string.h>

#include "design_parts.h"
#include "design_presets.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/data/dataset.h"

enum { LAYERS_BESIDE_SETS = 2 };

/* --- where the pictures are --------------------------------------------------------------------------------------- */

static bool is_packed(const char *from)
{
    return snas_dataset_find("packed")->side_in(from) >= 0;
}
static bool is_config(const char *from)
{
    return snas_ends(from, ".json") || snas_file_is(from);
}

/* A set that is found by its name alone. */
static bool is_named(const snas_dataset_row *row)
{
    return row->side_from == SNAS_SIDE_FIXED || row->side_from == SNAS_SIDE_REQUESTED;
}
static bool is_set(const char *from)
{
    const snas_dataset_row *row = snas_dataset_find(from);
    return row != NULL && is_named(row);
}

/* What `from` may be, the first that fits. */
static const struct {
    bool (*fits)(const char *from);
    const char *dataset; /* NULL: `from` is its name */
    bool is_config;
} SOURCES[] = {
    {is_packed, "packed", false}, {is_config, NULL, true}, {snas_folder_is, "folder", false}, {is_set, NULL, false}};
enum { SOURCE_COUNT = sizeof SOURCES / sizeof SOURCES[0] };

static snas_status refuse(snas_arena *mem, const char *from)
{
    snas_text names = snas_text_make(mem);
    for (const snas_dataset_row *row = snas_datasets; row->name != NULL; row++) {
        if (is_named(row)) {
            snas_text_add(&names, ", '%s'", row->name);
        }
    }
    SNAS_TRY(snas_text_done(&names));
    return snas_fail(SNAS_E_USAGE,
                     "found '%s', which is no folder of pictures, allowed such a folder, a config, a file of "
                     "'snas data pack', or a data set by its name%s",
                     from, names.data);
}

/* --- the layers --------------------------------------------------------------------------------------------------- */

static snas_status parse(snas_arena *mem, const char *name, const void *data, size_t size, snas_config_layer *out)
{
    *out = (snas_config_layer){.source = name};
    return snas_json_parse(mem, name, (snas_bytes){data, size}, &out->object);
}

/* The config of the kind of pictures, and where they are. How many search and validate is given for CIFAR only. */
static snas_status add_preset(snas_arena *mem, const char *from, const char *dataset, snas_config_layer out[2])
{
    const snas_dataset_row *row = snas_dataset_find(dataset == NULL ? from : dataset);
    const bool small = is_named(row) || (row->side_in != NULL && row->side_in(from) > 0);
    snas_text data = snas_text_make(mem);
    snas_text_add(&data, "{\"data\": {\"dataset\": \"%s\", \"path\": ", row->name);
    if (dataset == NULL) {
        snas_text_add(&data, "null");
    } else {
        snas_text_add_json(&data, from);
    }
    snas_text_add(&data, row->side_from == SNAS_SIDE_FIXED
                             ? "}}"
                             : "}, \"search\": {\"train_images\": 0, \"validation_images\": 0}}");
    SNAS_TRY(snas_text_done(&data));
    SNAS_TRY(small ? parse(mem, "configs/cifar10-hour.json", design_small_pictures, design_small_pictures_size, out)
                   : parse(mem, "configs/folder-small.json", design_photographs, design_photographs_size, out));
    return parse(mem, from, data.data, data.size, out + 1);
}

static snas_status load(snas_arena *mem, const snas_design_request *request, snas_config *out)
{
    snas_config_layer *layers;
    int source = 0, count = 0;
    while (source < SOURCE_COUNT && !SOURCES[source].fits(request->from)) {
        source++;
    }
    if (source == SOURCE_COUNT) {
        return refuse(mem, request->from);
    }
    SNAS_NEW(mem, layers, LAYERS_BESIDE_SETS + request->set_count);
    if (SOURCES[source].is_config) {
        layers[count++] = (snas_config_layer){.source = request->from};
    } else {
        SNAS_TRY(add_preset(mem, request->from, SOURCES[source].dataset, layers));
        count = LAYERS_BESIDE_SETS;
    }
    for (int i = 0; i < request->set_count; i++) {
        layers[count++] = (snas_config_layer){.set = request->sets[i]};
    }
    return snas_config_load_layers(mem, layers, count, out);
}

/* --- what is given ------------------------------------------------------------------------------------------------ */

static bool is_given(const snas_design_request *request, const char *key)
{
    const size_t size = strlen(key);
    for (int i = 0; i < request->set_count; i++) {
        if (strncmp(request->sets[i], key, size) == 0 && request->sets[i][size] == '=') {
            return true;
        }
    }
    return false;
}

/* With a table that the config names there is nothing to measure, and nothing to choose: it is of one network. */
static snas_status take_table(snas_arena *mem, const snas_design_request *request, snas_design *out)
{
    snas_design_request whole = *request;
    const char **sets;
    SNAS_NEW(mem, sets, request->set_count + 1);
    for (int i = 0; i < request->set_count; i++) {
        sets[i] = request->sets[i];
    }
    snas_text text = snas_text_make(mem);
    snas_text_add(&text, "search.budget.latency_ms=");
    snas_text_add_real(&text, request->latency_ms);
    SNAS_TRY(snas_text_done(&text));
    sets[whole.set_count++] = text.data;
    whole.sets = sets;
    return load(mem, &whole, &out->config);
}

snas_status snas_design_plan(snas_arena *mem, const snas_design_request *request, const char *path, snas_design *out)
{
    *out = (snas_design){.path = path, .lock = -1, .hours = request->hours};
    memcpy(out->limit, request->limit, sizeof out->limit);
    SNAS_TRY(load(mem, request, &out->config));
    const bool has_table = out->config.search.table != NULL;
    if (request->latency_ms > 0.0 && has_table) {
        SNAS_TRY(take_table(mem, request, out));
    } else {
        out->latency_ms = request->latency_ms;
    }
    const snas_search_config *search = &out->config.search;
    const bool fixed = has_table && search->budget_latency_ms > 0.0;
    out->channels = fixed || is_given(request, "train.channels") ? out->config.train.channels : 0;
    out->cells = fixed || is_given(request, "train.cells") ? out->config.train.cells : 0;
    if (request->latency_ms > 0.0 && search->level == SNAS_LEVEL_WEIGHTS) {
        return snas_fail(SNAS_E_USAGE, "a budget of latency_ms needs a search that moves its logits, found "
                                       "search.level 'weights'");
    }
    return SNAS_OK;
}
