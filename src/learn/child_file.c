/* child_file.c -- trained weights of a child as one safetensors file that says what network it is. */
#include "snas/learn/child_file.h"

#include <string.h>

#include "snas/base/text.h"
#include "snas/format/json.h"
#include "snas/learn/class_names.h"
#include "snas/learn/run_network.h"

static void add_floats(snas_text *text, const char *key, const float *values)
{
    snas_text_add(text, ", \"%s\": [", key);
    for (int i = 0; i < 3; i++) {
        snas_text_next(text, ", ");
        snas_text_add(text, "%.9g", (double)values[i]);
    }
    snas_text_add(text, "]");
}

static snas_status describe(snas_arena *mem, const snas_child *child, const char **out)
{
    const char *names;
    SNAS_TRY(snas_class_names_write(mem, child->class_names, child->classes, &names));
    snas_text text = snas_text_make(mem);
    snas_text_add(&text,
                  "{\"channels\": %d, \"cells\": %d, \"classes\": %d, \"side\": %d, "
                  "\"shorter\": %d, \"orient\": %s, \"stem\": \"%s\", \"dataset\": ",
                  child->channels, child->cells, child->classes, child->side, child->shorter,
                  child->orient ? "true" : "false", snas_stem_names[child->stem]);
    snas_text_add_json(&text, child->dataset);
    if (child->division != NULL) {
        snas_text_add(&text, ", \"division\": ");
        snas_text_add_json(&text, child->division);
    }
    if (names != NULL) {
        snas_text_add(&text, ", \"class_names\": %s", names);
    }
    add_floats(&text, "mean", child->mean);
    add_floats(&text, "deviation", child->deviation);
    snas_text_add(&text, ", \"epoch\": %lld, \"accuracy\": ", (long long)child->epoch);
    snas_text_add_real(&text, child->accuracy);
    snas_text_add(&text, "}");
    *out = text.data;
    return snas_text_done(&text);
}

snas_status snas_child_file(snas_arena *mem, const snas_child *child, const snas_genotype *genotype,
                            const snas_network *network, snas_tensor_file *out)
{
    const char *description, *json;
    snas_text test = snas_text_make(mem);
    SNAS_TRY(describe(mem, child, &description));
    SNAS_TRY(snas_genotype_write(mem, genotype, SNAS_GENOTYPE_JSON, &json));
    if (child->test != NULL) {
        snas_tally_write(&test, child->test);
        SNAS_TRY(snas_text_done(&test));
    }
    const snas_metadata metadata[] = {
        {"format", "pt"},
        {"snas.child", description},
        {"snas.genotype", json},
        {"snas.test", test.data},
    };
    const size_t count = sizeof metadata / sizeof metadata[0] - (child->test == NULL ? 1 : 0);
    *out = (snas_tensor_file){.count = snas_network_tensor_count(network), .metadata_count = (int)count};
    SNAS_NEW(mem, out->tensors, out->count);
    SNAS_NEW(mem, out->metadata, out->metadata_count);
    memcpy(out->metadata, metadata, count * sizeof metadata[0]);
    return snas_network_tensors(mem, network, "", out->tensors);
}

/* --- parse -------------------------------------------------------------------------------------------------------- */

/* The whole numbers of a description: where they go, and what is allowed. */
typedef struct {
    const char *key;
    size_t offset;
    int least, most;
} whole;

static const whole wholes[] = {
    {"channels", offsetof(snas_child, channels), 1, 4096},
    {"cells", offsetof(snas_child, cells), 1, 1000},
    {"classes", offsetof(snas_child, classes), 2, 1000000},
    {"side", offsetof(snas_child, side), 4, 4096},
};

static snas_status parse_wholes(const char *path, const snas_json *root, snas_child *child)
{
    for (size_t i = 0; i < sizeof wholes / sizeof wholes[0]; i++) {
        const whole *w = &wholes[i];
        const snas_json *found = snas_json_find(root, w->key);
        if (found == NULL || found->kind != SNAS_JSON_NUMBER || !found->is_integer || found->number < w->least ||
            found->number > w->most) {
            return snas_fail(SNAS_E_DATA, "the description in '%s' has no '%s' from %d to %d", path, w->key, w->least,
                             w->most);
        }
        *(int *)((char *)child + w->offset) = (int)found->number;
    }
    return SNAS_OK;
}

static snas_status parse_floats(const char *path, const snas_json *root, const char *key, float *to)
{
    const snas_json *found = snas_json_find(root, key);
    if (found == NULL || found->kind != SNAS_JSON_ARRAY || found->count != 3) {
        return snas_fail(SNAS_E_DATA, "the description in '%s' has no '%s' of three numbers", path, key);
    }
    const snas_json *item = found->first;
    for (int i = 0; i < 3; i++, item = item->next) {
        to[i] = item->kind == SNAS_JSON_NUMBER ? (float)item->number : 0.0f;
    }
    return SNAS_OK;
}

/* What older files, and those of other programs, lack: the stem of CIFAR, the whole picture, no names. */
static snas_status parse_rest(snas_arena *mem, const char *path, const snas_json *root, snas_child *child)
{
    const snas_json *shorter = snas_json_find(root, "shorter");
    const snas_json *stem = snas_json_find(root, "stem");
    const snas_json *names = snas_json_find(root, "class_names");
    const snas_json *orient = snas_json_find(root, "orient");
    child->orient = orient != NULL && orient->kind == SNAS_JSON_BOOL && orient->number > 0;
    child->shorter = child->side;
    if (shorter != NULL && shorter->is_integer && shorter->number >= child->side && shorter->number <= 8192) {
        child->shorter = (int)shorter->number;
    }
    if (stem != NULL) {
        int s = 0;
        while (s < SNAS_STEM_COUNT &&
               (stem->kind != SNAS_JSON_STRING || strcmp(stem->string, snas_stem_names[s]) != 0)) {
            s++;
        }
        if (s == SNAS_STEM_COUNT) {
            return snas_fail(SNAS_E_DATA, "the description in '%s' has a 'stem' that is not known", path);
        }
        child->stem = (snas_stem)s;
    }
    SNAS_TRY(snas_class_names_read(mem, names, child->classes, &child->class_names));
    return names == NULL || child->class_names != NULL
               ? SNAS_OK
               : snas_fail(SNAS_E_DATA, "the description in '%s' has 'class_names' that are not %d texts", path,
                           child->classes);
}

static const char *text_of(const snas_json *root, const char *key, const char *otherwise)
{
    const snas_json *found = snas_json_find(root, key);
    return found != NULL && found->kind == SNAS_JSON_STRING ? found->string : otherwise;
}

static snas_status parse_description(snas_arena *mem, const char *path, const char *text, snas_child *child)
{
    const snas_json *root;
    const snas_bytes bytes = {.data = text, .size = strlen(text)};
    SNAS_TRY(snas_json_parse(mem, path, bytes, &root));
    *child = (snas_child){0};
    SNAS_TRY(parse_wholes(path, root, child));
    SNAS_TRY(parse_floats(path, root, "mean", child->mean));
    SNAS_TRY(parse_floats(path, root, "deviation", child->deviation));
    for (int i = 0; i < 3; i++) {
        if (!(child->deviation[i] > 0.0f)) {
            return snas_fail(SNAS_E_DATA, "the description in '%s' has a 'deviation' that is not above 0", path);
        }
    }
    SNAS_TRY(parse_rest(mem, path, root, child));
    const snas_json *epoch = snas_json_find(root, "epoch");
    const snas_json *accuracy = snas_json_find(root, "accuracy");
    child->division = text_of(root, "division", NULL);
    child->dataset = text_of(root, "dataset", "");
    child->epoch = epoch != NULL && epoch->is_integer ? (int64_t)epoch->number : 0;
    child->accuracy = accuracy != NULL ? accuracy->number : 0.0;
    return SNAS_OK;
}

snas_status snas_child_parse(snas_arena *mem, const char *path, const snas_tensor_file *file, bool *found,
                             snas_child *child, snas_genotype *genotype)
{
    const char *description = snas_metadata_find(file, "snas.child");
    const char *json = snas_metadata_find(file, "snas.genotype");
    *found = description != NULL && json != NULL;
    if (!*found) {
        return SNAS_OK;
    }
    SNAS_TRY(parse_description(mem, path, description, child));
    return snas_genotype_parse(mem, path, (snas_bytes){.data = json, .size = strlen(json)}, genotype);
}

/* --- the network -------------------------------------------------------------------------------------------------- */

snas_network_spec snas_child_spec(const snas_child_weights *weights)
{
    const snas_child *child = weights->child;
    return (snas_network_spec){.space = weights->genotype->space,
                               .genotype = weights->genotype,
                               .channels = child->channels,
                               .cells = child->cells,
                               .classes = child->classes,
                               .side = child->side,
                               .affine = true,
                               .stem = child->stem};
}

snas_status snas_child_open(snas_arena *mem, const snas_child_weights *weights, const snas_team *team,
                            const snas_network_options *how, snas_network **out)
{
    const snas_network_spec spec = snas_child_spec(weights);
    SNAS_TRY(snas_network_create(mem, team, &spec, how, out));
    return snas_run_network_load(*out, weights->file, weights->path);
}

snas_status snas_child_load(snas_arena *mem, const snas_child_request *request, snas_child *child,
                            snas_genotype *genotype, snas_network **out)
{
    bool found;
    SNAS_TRY(snas_child_parse(mem, request->path, request->file, &found, child, genotype));
    if (!found) {
        return snas_fail(SNAS_E_USAGE,
                         "the weights '%s' do not say which network they belong to, as those of 'snas train' do",
                         request->path);
    }
    const snas_child_weights weights = {
        .path = request->path, .file = request->file, .child = child, .genotype = genotype};
    return snas_child_open(mem, &weights, request->team, request->how, out);
}
