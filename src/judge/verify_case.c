/* verify_case.c -- reading a case of `snas verify`: config, genotype, optimisers, pictures, noise. The format:
 * verify.h. */
#include "verify_case.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "snas/base/text.h"

/* --- config ------------------------------------------------------------------------------------------------------- */

typedef enum { KEY_INTEGER, KEY_REAL, KEY_BOOL } key_kind;

typedef struct {
    const char *key;
    key_kind kind;
    double minimum, maximum;
} config_key;

/* Those of every case; of a trajectory; of a supernet's trajectory. */
enum {
    CHANNELS,
    CELLS,
    CLASSES,
    IMAGE,
    BATCH,
    TEMPERATURE,
    LAMBDA,
    LOG_PENALTY,
    NO_POOL_BN,
    STEP_KEYS,
    STEPS = STEP_KEYS,
    RATE,
    RATE_LAST,
    MOMENTUM,
    DECAY,
    CLIP,
    NESTEROV,
    WEIGHT_KEYS,
    LOGIT_RATE = WEIGHT_KEYS,
    BETA1,
    BETA2,
    EPS,
    LOGIT_DECAY,
    LOGIT_CLIP,
    KEYS
};

static const config_key CONFIG_KEYS[KEYS] = {
    [CHANNELS] = {"channels", KEY_INTEGER, 2, 4096},
    [CELLS] = {"cells", KEY_INTEGER, 3, 256},
    [CLASSES] = {"classes", KEY_INTEGER, 2, 1 << 16},
    [IMAGE] = {"image", KEY_INTEGER, 8, 4096},
    [BATCH] = {"batch", KEY_INTEGER, 2, 1 << 16},
    [TEMPERATURE] = {"temperature", KEY_REAL, 1e-12, 1e12},
    [LAMBDA] = {"resource_lambda", KEY_REAL, -1e12, 1e12},
    [LOG_PENALTY] = {"log_penalty", KEY_BOOL, 0, 1},
    [NO_POOL_BN] = {"no_pool_bn", KEY_BOOL, 0, 1},
    [STEPS] = {"steps", KEY_INTEGER, 1, 1 << 20},
    [RATE] = {"weights.rate", KEY_REAL, 0, 1e12},
    [RATE_LAST] = {"weights.rate_last", KEY_REAL, 0, 1e12},
    [MOMENTUM] = {"weights.momentum", KEY_REAL, 0, 1},
    [DECAY] = {"weights.decay", KEY_REAL, 0, 1e12},
    [CLIP] = {"weights.clip", KEY_REAL, 0, 1e12},
    [NESTEROV] = {"weights.nesterov", KEY_BOOL, 0, 1},
    [LOGIT_RATE] = {"logits.rate", KEY_REAL, 0, 1e12},
    [BETA1] = {"logits.beta1", KEY_REAL, 0, 1},
    [BETA2] = {"logits.beta2", KEY_REAL, 0, 1},
    [EPS] = {"logits.eps", KEY_REAL, 0, 1e12},
    [LOGIT_DECAY] = {"logits.decay", KEY_REAL, 0, 1e12},
    [LOGIT_CLIP] = {"logits.clip", KEY_REAL, 0, 1e12},
};

static const config_key SHARDS_KEY = {"shards", KEY_INTEGER, 1, SNAS_SHARDS_MAX}; /* may be missing */

static const char *const KIND_NAMES[] = {"an integer", "a number", "true or false"};

/* Member of an object by a key, or of an object in it by "key.member"; NULL when there is none. */
static const snas_json *find(const snas_json *object, const char *path)
{
    const char *dot = strchr(path, '.');
    if (dot == NULL) {
        return snas_json_find(object, path);
    }
    char key[16] = "";
    assert((size_t)(dot - path) < sizeof key);
    memcpy(key, path, (size_t)(dot - path));
    return snas_json_find(snas_json_find(object, key), dot + 1);
}

static snas_status read_key(const char *path, const snas_json *config, const config_key *row, double *out)
{
    const snas_json *value = find(config, row->key);
    if (value == NULL) {
        return snas_fail(SNAS_E_DATA, "'%s': its config has no key '%s'", path, row->key);
    }
    const snas_json_kind kind = row->kind == KEY_BOOL ? SNAS_JSON_BOOL : SNAS_JSON_NUMBER;
    if (value->kind != kind || (row->kind == KEY_INTEGER && !value->is_integer)) {
        return snas_fail(SNAS_E_DATA, "'%s': '%s' of its config is %s, it has to be %s", path, row->key,
                         snas_json_kind_name(value->kind), KIND_NAMES[row->kind]);
    }
    if (!(value->number >= row->minimum && value->number <= row->maximum)) {
        return snas_fail(SNAS_E_DATA, "'%s': '%s' of its config is %g, it has to be between %g and %g", path, row->key,
                         value->number, row->minimum, row->maximum);
    }
    *out = value->number;
    return SNAS_OK;
}

/* One JSON text of the metadata. */
static snas_status read_metadata(snas_arena *mem, const verify_case *c, const char *key, const snas_json **out)
{
    const char *text = snas_metadata_find(&c->file, key);
    if (text == NULL) {
        return snas_fail(SNAS_E_DATA, "'%s' is not a case: its metadata has no key '%s'", c->path, key);
    }
    const char *name = snas_format(mem, "%s: %s", c->path, key);
    if (name == NULL) {
        return SNAS_E_MEMORY;
    }
    const snas_status status = snas_json_parse(mem, name, (snas_bytes){.data = text, .size = strlen(text)}, out);
    if (status == SNAS_E_USAGE) { /* of a config; here it is data */
        const char *sentence = snas_format(mem, "%s", snas_error());
        return sentence == NULL ? SNAS_E_MEMORY : snas_fail(SNAS_E_DATA, "%s", sentence);
    }
    return status;
}

/* A value as JSON text again: the genotype's reader takes a document. Depth is bounded by the parser. */
static void write_value(const snas_json *value, snas_text *to)
{
    const bool object = value->kind == SNAS_JSON_OBJECT;
    switch (value->kind) {
    case SNAS_JSON_NULL:
        snas_text_add(to, "null");
        break;
    case SNAS_JSON_BOOL:
        snas_text_add(to, "%s", value->number > 0 ? "true" : "false");
        break;
    case SNAS_JSON_NUMBER:
        snas_text_add_real(to, value->number);
        break;
    case SNAS_JSON_STRING:
        snas_text_add_json(to, value->string);
        break;
    case SNAS_JSON_ARRAY:
    case SNAS_JSON_OBJECT:
        snas_text_add(to, "%s", object ? "{" : "[");
        for (const snas_json *child = value->first; child != NULL; child = child->next) {
            if (object) {
                snas_text_add_json(to, child->key);
                snas_text_add(to, ": ");
            }
            write_value(child, to);
            snas_text_add(to, "%s", child->next != NULL ? ", " : "");
        }
        snas_text_add(to, "%s", object ? "}" : "]");
        break;
    }
}

static snas_status read_genotype(snas_arena *mem, const snas_json *value, bool pool_bn, verify_case *c)
{
    snas_text text = snas_text_make(mem);
    write_value(value, &text);
    SNAS_TRY(snas_text_done(&text));
    const char *name = snas_format(mem, "%s: genotype", c->path);
    if (name == NULL) {
        return SNAS_E_MEMORY;
    }
    SNAS_TRY(snas_genotype_parse(mem, name, (snas_bytes){.data = text.data, .size = text.size}, &c->genotype));
    c->genotype.pool_bn = pool_bn;
    return SNAS_OK;
}

static snas_status read_keys(const verify_case *c, const snas_json *config, int first, int end, double *values)
{
    for (int i = first; i < end; i++) {
        SNAS_TRY(read_key(c->path, config, &CONFIG_KEYS[i], &values[i]));
    }
    return SNAS_OK;
}

static snas_status read_schedule(const verify_case *c, const snas_json *config, const snas_rate_schedule **out)
{
    const snas_json *schedule = find(config, "weights.schedule");
    const char *name = schedule != NULL && schedule->string != NULL ? schedule->string : "";
    char shown[64];
    *out = snas_rate_schedule_find(name);
    return *out != NULL ? SNAS_OK
                        : snas_fail(SNAS_E_DATA,
                                    "'%s': 'weights.schedule' of its config is '%s', it has to be the name "
                                    "of a schedule, 'cosine' or 'constant' say",
                                    c->path, snas_printable(shown, sizeof shown, name));
}

/* What makes a case a trajectory: the number of steps, and how weights and logits move. One step moves nothing. */
static snas_status read_optimisers(verify_case *c, const snas_json *config, snas_weights_config *weights)
{
    double v[KEYS] = {0};
    *weights = (snas_weights_config){.schedule = snas_rate_schedule_find("constant"), .decay_norms_and_biases = true};
    c->search.adam.eps = 1e-8;
    if (snas_json_find(config, "steps") == NULL) {
        return SNAS_OK;
    }
    SNAS_TRY(read_keys(c, config, STEPS, c->supernet ? KEYS : WEIGHT_KEYS, v));
    c->steps = (int)v[STEPS];
    weights->rate = v[RATE];
    weights->rate_last = v[RATE_LAST];
    weights->step_factor = 0.97; /* as a config's default */
    weights->step_epochs = 1;
    weights->momentum = v[MOMENTUM];
    weights->decay = v[DECAY];
    weights->clip = v[CLIP];
    weights->nesterov = v[NESTEROV] > 0;
    c->search.adam = (snas_adam){
        .rate = v[LOGIT_RATE], .beta1 = v[BETA1], .beta2 = v[BETA2], .eps = v[EPS], .decay = v[LOGIT_DECAY]};
    c->search.logit_clip = v[LOGIT_CLIP];
    return read_schedule(c, config, &weights->schedule);
}

/* The settings of the search or the training that the case is a part of. */
static snas_status read_settings(verify_case *c, const snas_json *config, const double *values)
{
    snas_weights_config weights;
    SNAS_TRY(read_optimisers(c, config, &weights));
    const int epochs = c->steps > 0 ? c->steps : 1;
    c->train = (snas_train_config){.channels = (int)values[CHANNELS],
                                   .cells = (int)values[CELLS],
                                   .epochs = epochs,
                                   .batch = c->batch,
                                   .weights = weights};
    c->search.space = snas_space_find("darts");
    c->search.channels = c->train.channels;
    c->search.cells = c->train.cells;
    c->search.epochs = epochs;
    c->search.batch = c->batch;
    c->search.weights = weights;
    c->search.estimator = snas_estimator_find("concrete");
    c->search.temperature = snas_temperature_find("constant");
    c->search.tau_first = c->search.tau_last = values[TEMPERATURE];
    c->search.resource = true;
    c->search.penalty = (snas_penalty){.logarithmic = values[LOG_PENALTY] > 0, .ratio = 1.0};
    c->search.lambda = values[LAMBDA];
    return SNAS_OK;
}

static snas_status read_config(snas_arena *mem, verify_case *c)
{
    const snas_json *config;
    double values[KEYS];
    SNAS_TRY(read_metadata(mem, c, "config", &config));
    SNAS_TRY(read_keys(c, config, 0, STEP_KEYS, values));
    c->classes = (int)values[CLASSES];
    c->side = (int)values[IMAGE];
    c->batch = (int)values[BATCH];
    double shards = SNAS_SHARDS_DEFAULT;
    SNAS_TRY(find(config, SHARDS_KEY.key) == NULL ? SNAS_OK : read_key(c->path, config, &SHARDS_KEY, &shards));
    c->shards = (int)shards;
    const snas_json *genotype = snas_json_find(config, "genotype");
    if (genotype == NULL) {
        return snas_fail(SNAS_E_DATA, "'%s': its config has no key 'genotype'", c->path);
    }
    c->supernet = genotype->kind == SNAS_JSON_NULL;
    SNAS_TRY(read_settings(c, config, values));
    if (!c->supernet) {
        SNAS_TRY(read_genotype(mem, genotype, values[NO_POOL_BN] == 0, c));
    }
    return c->steps > 0 ? SNAS_OK : read_metadata(mem, c, "float32_error", &c->float32_error);
}

/* --- inputs ------------------------------------------------------------------------------------------------------- */

snas_status verify_case_tensor(snas_arena *mem, const verify_case *c, const char *name, int64_t count,
                               const double **out)
{
    double *to;
    const snas_named_tensor *tensor = snas_tensor_find(&c->file, name);
    if (tensor == NULL) {
        return snas_fail(SNAS_E_IO, "'%s': tensor '%s' is missing from the file, which has %d", c->path, name,
                         c->file.count);
    }
    if (tensor->count != count) {
        return snas_fail(SNAS_E_IO, "'%s': tensor '%s' has %lld numbers, the case wants %lld", c->path, name,
                         (long long)tensor->count, (long long)count);
    }
    SNAS_NEW(mem, to, count);
    *out = to;
    return snas_tensor_to_double(tensor, to);
}

/* T, where one step without a leading dimension counts as 1. */
static int64_t steps(const verify_case *c)
{
    return c->steps > 0 ? c->steps : 1;
}

/* [T,N,3,S,S] -> [T,N,S,S,3]; T is not there in a case of one step. */
static snas_status read_images(snas_arena *mem, verify_case *c)
{
    const double *from;
    const int64_t pixels = (int64_t)c->side * c->side, count = 3 * pixels * c->batch * steps(c);
    const snas_named_tensor *tensor = snas_tensor_find(&c->file, "input.images");
    const int64_t shape[5] = {steps(c), c->batch, 3, c->side, c->side};
    const int lead = c->steps > 0 ? 0 : 1; /* dimensions of `shape` that the tensor has not */
    SNAS_TRY(verify_case_tensor(mem, c, "input.images", count, &from));
    if (tensor->dims != 5 - lead || memcmp(tensor->shape, shape + lead, (size_t)(5 - lead) * sizeof *shape) != 0) {
        return snas_fail(SNAS_E_IO, "'%s': 'input.images' has to have the shape [%s%d, 3, %d, %d]", c->path,
                         lead == 0 ? "steps, " : "", c->batch, c->side, c->side);
    }
    SNAS_NEW(mem, c->images, count);
    for (int64_t i = 0; i < count; i++) {
        const int64_t image = i / (3 * pixels), channel = i / pixels % 3, pixel = i % pixels;
        c->images[(image * pixels + pixel) * 3 + channel] = from[i];
    }
    return SNAS_OK;
}

static snas_status read_labels(snas_arena *mem, verify_case *c)
{
    const snas_named_tensor *tensor = snas_tensor_find(&c->file, "input.labels");
    const int64_t count = steps(c) * c->batch;
    if (tensor == NULL || tensor->dtype != SNAS_I64 || tensor->count != count) {
        return snas_fail(SNAS_E_IO, "'%s': 'input.labels' has to be there with %lld numbers of I64", c->path,
                         (long long)count);
    }
    SNAS_NEW(mem, c->labels, count);
    for (int64_t i = 0; i < count; i++) {
        const int64_t label = ((const int64_t *)tensor->data)[i];
        if (label < 0 || label >= c->classes) {
            return snas_fail(SNAS_E_DATA, "'%s': label %lld of picture %lld is not in 0..%d", c->path, (long long)label,
                             (long long)i, c->classes - 1);
        }
        c->labels[i] = (int)label;
    }
    return SNAS_OK;
}

/* [pieces][E][K] of one cell type to its place in [pieces][types][E][K]. */
static snas_status read_row(snas_arena *mem, const verify_case *c, const char *name, int64_t pieces, int type,
                            double *to)
{
    const double *from;
    const int64_t row = (int64_t)c->logits.edges * c->logits.candidates;
    SNAS_TRY(name == NULL ? SNAS_E_MEMORY : SNAS_OK);
    SNAS_TRY(verify_case_tensor(mem, c, name, pieces * row, &from));
    for (int64_t t = 0; t < pieces; t++) {
        memcpy(to + (t * c->logits.types + type) * row, from + t * row, (size_t)row * sizeof *from);
    }
    return SNAS_OK;
}

/* The logits, and the noise of both cell types. */
static snas_status read_draw(snas_arena *mem, verify_case *c)
{
    const snas_space *space = snas_space_find("darts");
    const int edges = snas_space_edge_count(space), types = space->cell_types;
    SNAS_TRY(snas_logits_create(mem, types, edges, space->candidate_count, &c->logits));
    SNAS_NEW(mem, c->gumbel, steps(c) * types * edges * space->candidate_count);
    for (int type = 0; type < types; type++) {
        const char *name = space->type_names[type];
        SNAS_TRY(read_row(mem, c, snas_format(mem, "%s_log_alpha", name), 1, type, c->logits.log_alpha));
        SNAS_TRY(read_row(mem, c, snas_format(mem, "input.gumbel_%s", name), steps(c), type, c->gumbel));
    }
    return SNAS_OK;
}

snas_status verify_case_load(snas_arena *mem, const char *path, verify_case *out)
{
    *out = (verify_case){.path = path};
    SNAS_TRY(snas_safetensors_load(mem, path, &out->file));
    SNAS_TRY(read_config(mem, out));
    SNAS_TRY(read_images(mem, out));
    SNAS_TRY(read_labels(mem, out));
    return out->supernet ? read_draw(mem, out) : SNAS_OK;
}
