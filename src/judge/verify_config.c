/* verify_config.c -- what a case says of itself: its config, a JSON text, made into the settings of a search or a
 * training.
 *
 * A case counts an epoch a step unless it says `steps_per_epoch`, so that every schedule moves from step to step.
 */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "snas/base/text.h"
#include "verify_case.h"

typedef enum { KEY_INTEGER, KEY_REAL, KEY_BOOL } key_kind;

/* Whose cases may have a key. */
typedef enum { OF_ANY, OF_SUPERNETS, OF_CHILDREN } key_owner;

typedef struct {
    const char *key;
    key_kind kind;
    double minimum, maximum;
    /* a key that may be missing: */
    bool optional;
    double otherwise;
    key_owner owner;
} config_key;

/* Those of every case; of a trajectory; of a supernet's trajectory; those that may be missing. */
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
    TRAJECTORY_KEYS,
    SHARDS = TRAJECTORY_KEYS,
    SEED,
    STEPS_PER_EPOCH,
    DROP_PATH,
    DROP_PATH_RAMP,
    WARMUP,
    DECAY_ALL,
    TEMPERATURE_LAST,
    TEMPERATURE_EPOCHS,
    BASELINE,
    LOGIT_WARMUP,
    REWARD_DECAY,
    REWARD_ENTROPY,
    LABEL_SMOOTHING,
    AUXILIARY,
    MICRO_BATCH,
    KEYS
};

#define ALWAYS .optional = false
#define MAY_BE_MISSING(value, whose) .optional = true, .otherwise = (value), .owner = (whose)

static const config_key CONFIG_KEYS[KEYS] = {
    [CHANNELS] = {"channels", KEY_INTEGER, 2, 4096, ALWAYS},
    [CELLS] = {"cells", KEY_INTEGER, 3, 256, ALWAYS},
    [CLASSES] = {"classes", KEY_INTEGER, 2, 1 << 16, ALWAYS},
    [IMAGE] = {"image", KEY_INTEGER, 8, 4096, ALWAYS},
    [BATCH] = {"batch", KEY_INTEGER, 2, 1 << 16, ALWAYS},
    [TEMPERATURE] = {"temperature", KEY_REAL, 1e-12, 1e12, ALWAYS},
    [LAMBDA] = {"resource_lambda", KEY_REAL, -1e12, 1e12, ALWAYS},
    [LOG_PENALTY] = {"log_penalty", KEY_BOOL, 0, 1, ALWAYS},
    [NO_POOL_BN] = {"no_pool_bn", KEY_BOOL, 0, 1, ALWAYS},
    [STEPS] = {"steps", KEY_INTEGER, 1, 1 << 20, ALWAYS},
    [RATE] = {"weights.rate", KEY_REAL, 0, 1e12, ALWAYS},
    [RATE_LAST] = {"weights.rate_last", KEY_REAL, 0, 1e12, ALWAYS},
    [MOMENTUM] = {"weights.momentum", KEY_REAL, 0, 1, ALWAYS},
    [DECAY] = {"weights.decay", KEY_REAL, 0, 1e12, ALWAYS},
    [CLIP] = {"weights.clip", KEY_REAL, 0, 1e12, ALWAYS},
    [NESTEROV] = {"weights.nesterov", KEY_BOOL, 0, 1, ALWAYS},
    [LOGIT_RATE] = {"logits.rate", KEY_REAL, 0, 1e12, ALWAYS},
    [BETA1] = {"logits.beta1", KEY_REAL, 0, 1, ALWAYS},
    [BETA2] = {"logits.beta2", KEY_REAL, 0, 1, ALWAYS},
    [EPS] = {"logits.eps", KEY_REAL, 0, 1e12, ALWAYS},
    [LOGIT_DECAY] = {"logits.decay", KEY_REAL, 0, 1e12, ALWAYS},
    [LOGIT_CLIP] = {"logits.clip", KEY_REAL, 0, 1e12, ALWAYS},
    [SHARDS] = {"shards", KEY_INTEGER, 1, SNAS_SHARDS_MAX, MAY_BE_MISSING(SNAS_SHARDS_DEFAULT, OF_ANY)},
    [SEED] = {"seed", KEY_INTEGER, 0, 9007199254740991.0, MAY_BE_MISSING(0, OF_ANY)},
    [STEPS_PER_EPOCH] = {"steps_per_epoch", KEY_INTEGER, 1, 1 << 20, MAY_BE_MISSING(1, OF_ANY)},
    [DROP_PATH] = {"drop_path", KEY_REAL, 0, 0.99, MAY_BE_MISSING(0, OF_ANY)},
    [DROP_PATH_RAMP] = {"drop_path_ramp", KEY_BOOL, 0, 1, MAY_BE_MISSING(0, OF_ANY)},
    [WARMUP] = {"weights.warmup", KEY_INTEGER, 0, 1 << 20, MAY_BE_MISSING(0, OF_ANY)},
    [DECAY_ALL] = {"weights.decay_norms_and_biases", KEY_BOOL, 0, 1, MAY_BE_MISSING(1, OF_ANY)},
    [TEMPERATURE_LAST] = {"temperature_last", KEY_REAL, 1e-12, 1e12, MAY_BE_MISSING((double)NAN, OF_SUPERNETS)},
    [TEMPERATURE_EPOCHS] = {"temperature_epochs", KEY_INTEGER, 0, 1 << 20, MAY_BE_MISSING(0, OF_SUPERNETS)},
    [BASELINE] = {"resource_baseline", KEY_BOOL, 0, 1, MAY_BE_MISSING(0, OF_SUPERNETS)},
    [LOGIT_WARMUP] = {"logits.warmup", KEY_INTEGER, 0, 1 << 20, MAY_BE_MISSING(0, OF_SUPERNETS)},
    [REWARD_DECAY] = {"reward_baseline_decay", KEY_REAL, 0, 0.999999, MAY_BE_MISSING(0.9, OF_SUPERNETS)},
    [REWARD_ENTROPY] = {"reward_entropy", KEY_REAL, 0, 1e12, MAY_BE_MISSING(0, OF_SUPERNETS)},
    [LABEL_SMOOTHING] = {"label_smoothing", KEY_REAL, 0, 1, MAY_BE_MISSING(0, OF_CHILDREN)},
    [AUXILIARY] = {"auxiliary", KEY_REAL, 0, 1e6, MAY_BE_MISSING(0, OF_CHILDREN)},
    [MICRO_BATCH] = {"micro_batch", KEY_INTEGER, 0, 1 << 16, MAY_BE_MISSING(0, OF_CHILDREN)},
};

static const char *const KIND_NAMES[] = {"an integer", "a number", "true or false"};
static const char *const OWNER_NAMES[] = {"any case", "a supernet", "a child"};

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

static snas_status read_value(const char *path, const snas_json *value, const config_key *row, double *out)
{
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

static snas_status read_key(const verify_case *c, const snas_json *config, const config_key *row, double *out)
{
    const snas_json *value = find(config, row->key);
    *out = row->otherwise;
    if (value == NULL) {
        return row->optional ? SNAS_OK : snas_fail(SNAS_E_DATA, "'%s': its config has no key '%s'", c->path, row->key);
    }
    if (row->owner != OF_ANY && c->supernet != (row->owner == OF_SUPERNETS)) {
        return snas_fail(SNAS_E_DATA, "'%s': '%s' of its config belongs to %s, this is a case of %s", c->path, row->key,
                         OWNER_NAMES[row->owner], OWNER_NAMES[c->supernet ? OF_SUPERNETS : OF_CHILDREN]);
    }
    return read_value(c->path, value, row, out);
}

/* One JSON text of the metadata. */
static snas_status read_metadata(snas_arena *mem, const verify_case *c, const char *key, const snas_json **out)
{
    const char *text = snas_metadata_find(&c->file, key);
    if (text == NULL) {
        return snas_fail(SNAS_E_DATA, "'%s' is not a case: its metadata has no key '%s'", c->path, key);
    }
    const char *name = snas_format(mem, "%s: %s", c->path, key);
    SNAS_TRY(snas_taken(name));
    return snas_json_parse(mem, name, (snas_bytes){.data = text, .size = strlen(text)}, out);
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
            snas_text_next(to, ", ");
            if (object) {
                snas_text_add_json(to, child->key);
                snas_text_add(to, ": ");
            }
            write_value(child, to);
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
    SNAS_TRY(snas_taken(name));
    SNAS_TRY(snas_genotype_parse(mem, name, (snas_bytes){.data = text.data, .size = text.size}, &c->genotype));
    c->genotype.pool_bn = pool_bn;
    return c->genotype.space == c->search.space
               ? SNAS_OK
               : snas_fail(SNAS_E_DATA, "'%s': its genotype is of the space '%s', its config of '%s'", c->path,
                           c->genotype.space->name, c->search.space->name);
}

static snas_status read_keys(const verify_case *c, const snas_json *config, int first, int end, double *values)
{
    for (int i = first; i < end; i++) {
        SNAS_TRY(read_key(c, config, &CONFIG_KEYS[i], &values[i]));
    }
    return SNAS_OK;
}

/* The text of a key that names a row of a table; `otherwise` when it is missing, "" when it is no text. */
static const char *name_at(const snas_json *config, const char *key, const char *otherwise)
{
    const snas_json *value = find(config, key);
    return value == NULL ? otherwise : value->string != NULL ? value->string : "";
}

static snas_status no_such_name(const verify_case *c, const char *key, const char *name, const char *what)
{
    char shown[64];
    return snas_fail(SNAS_E_DATA, "'%s': '%s' of its config is '%s', it has to be the name of %s", c->path, key,
                     snas_printable(shown, sizeof shown, name), what);
}

static snas_status read_schedule(const verify_case *c, const snas_json *config, const snas_rate_schedule **out)
{
    const char *name = name_at(config, "weights.schedule", "");
    *out = snas_rate_schedule_find(name);
    return *out != NULL ? SNAS_OK : no_such_name(c, "weights.schedule", name, "a schedule, 'cosine' or 'constant' say");
}

/* How the logits of a supernet move. */
static void take_adam(verify_case *c, const double *v)
{
    c->search.adam = (snas_adam){
        .rate = v[LOGIT_RATE], .beta1 = v[BETA1], .beta2 = v[BETA2], .eps = v[EPS], .decay = v[LOGIT_DECAY]};
    c->search.logit_clip = v[LOGIT_CLIP];
}

static snas_status read_if_there(const verify_case *c, const snas_json *config, int first, int end, double *v)
{
    for (int i = first; i < end; i++) {
        if (find(config, CONFIG_KEYS[i].key) != NULL) {
            SNAS_TRY(read_key(c, config, &CONFIG_KEYS[i], &v[i]));
        }
    }
    return SNAS_OK;
}

/* How the weights of one step move; a level that looks ahead does so by that. */
static snas_status read_weight_move(verify_case *c, const snas_json *config, double *v)
{
    snas_weights_config *weights = &c->train.weights;
    SNAS_TRY(read_keys(c, config, RATE, RATE + 1, v));
    SNAS_TRY(read_keys(c, config, MOMENTUM, DECAY + 1, v));
    SNAS_TRY(read_if_there(c, config, CLIP, NESTEROV + 1, v));
    weights->rate = v[RATE];
    weights->momentum = v[MOMENTUM];
    weights->decay = v[DECAY];
    weights->clip = v[CLIP];
    weights->nesterov = v[NESTEROV] > 0;
    weights->decay_norms_and_biases = v[DECAY_ALL] > 0;
    return SNAS_OK;
}

/* One step may say how weights and logits move. */
static snas_status read_moves(verify_case *c, const snas_json *config, double *v)
{
    if (snas_json_find(config, "weights") != NULL) {
        SNAS_TRY(read_weight_move(c, config, v));
    }
    if (!c->supernet || snas_json_find(config, "logits") == NULL) {
        return SNAS_OK;
    }
    SNAS_TRY(read_keys(c, config, LOGIT_RATE, TRAJECTORY_KEYS, v));
    take_adam(c, v);
    return SNAS_OK;
}

/* What makes a case a trajectory: the number of steps, and how weights and logits move. One step may say that. */
static snas_status read_optimisers(verify_case *c, const snas_json *config, double *v)
{
    snas_weights_config *weights = &c->train.weights;
    *weights = (snas_weights_config){.schedule = snas_rate_schedule_find("constant"),
                                     .decay_norms_and_biases = true,
                                     .pace_of_norms_and_biases = 1.0};
    c->search.adam.eps = 1e-8;
    if (snas_json_find(config, "steps") == NULL) {
        return read_moves(c, config, v);
    }
    SNAS_TRY(read_keys(c, config, STEPS, c->supernet ? TRAJECTORY_KEYS : WEIGHT_KEYS, v));
    c->steps = (int)v[STEPS];
    *weights = (snas_weights_config){
        .rate = v[RATE],
        .rate_last = v[RATE_LAST],
        .step_factor = 0.97, /* as a config's default */
        .step_epochs = 1,
        .warmup = (int)v[WARMUP],
        .momentum = v[MOMENTUM],
        .decay = v[DECAY],
        .clip = v[CLIP],
        .decay_norms_and_biases = v[DECAY_ALL] > 0,
        .pace_of_norms_and_biases = 1.0,
        .nesterov = v[NESTEROV] > 0,
    };
    take_adam(c, v);
    c->search.logit_warmup = (int)v[LOGIT_WARMUP];
    return read_schedule(c, config, &weights->schedule);
}

/* The resource term: R, its weight, and how its gradient reaches the logits. */
static snas_status read_resource(verify_case *c, const snas_json *config, const double *v)
{
    const char *name = name_at(config, "resource_method", "reparametrization");
    int method = 0;
    while (method < SNAS_RESOURCE_GRADIENT_COUNT && strcmp(snas_resource_gradient_names[method], name) != 0) {
        method++;
    }
    if (method == SNAS_RESOURCE_GRADIENT_COUNT) {
        return no_such_name(c, "resource_method", name, "a method, 'discrete' say");
    }
    c->search.resource = true;
    c->search.resource_gradient = (snas_resource_gradient)method;
    c->search.baseline = v[BASELINE] > 0;
    c->search.penalty = (snas_penalty){.logarithmic = v[LOG_PENALTY] > 0, .ratio = 1.0};
    c->search.lambda = v[LAMBDA];
    return SNAS_OK;
}

static snas_status read_temperature(verify_case *c, const snas_json *config, const double *v)
{
    const char *name = name_at(config, "temperature_schedule", "constant");
    c->search.temperature = snas_temperature_find(name);
    if (c->search.temperature == NULL) {
        return no_such_name(c, "temperature_schedule", name, "a schedule, 'exponential' say");
    }
    c->search.tau_first = v[TEMPERATURE];
    c->search.tau_last = isnan(v[TEMPERATURE_LAST]) ? v[TEMPERATURE] : v[TEMPERATURE_LAST];
    c->search.tau_epochs = (int)v[TEMPERATURE_EPOCHS];
    return SNAS_OK;
}

static snas_status does_not_go(const verify_case *c, const char *key, const char *name, const char *const *allowed)
{
    char shown[64], list[128] = "";
    for (int i = 0; allowed[i] != NULL; i++) {
        const size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s'%s'", i == 0 ? "" : ", ", allowed[i]);
    }
    return snas_fail(SNAS_E_DATA, "'%s': '%s' of its config is '%s', with the method '%s' it has to be %s", c->path,
                     key, snas_printable(shown, sizeof shown, name), c->search.method->name, list);
}

/* Method, estimator and level; what is not said is the method's own. */
static snas_status read_method(verify_case *c, const snas_json *config)
{
    const char *name = name_at(config, "method", "snas");
    const snas_search_method *method = snas_search_method_find(name);
    if (method == NULL) {
        return no_such_name(c, "method", name, "a method, 'snas' say");
    }
    c->search.method = method;
    const char *estimator = name_at(config, "estimator", method->estimators[0]);
    const char *level = name_at(config, "level", method->levels[0]);
    if (!snas_search_method_takes(method->estimators, estimator)) {
        return does_not_go(c, "estimator", estimator, method->estimators);
    }
    if (!snas_search_method_takes(method->levels, level)) {
        return does_not_go(c, "level", level, method->levels);
    }
    c->search.estimator = snas_estimator_find(estimator);
    c->search.level = snas_search_level_find(level);
    return SNAS_OK;
}

/* What a drawn path earns. */
static snas_status read_reward(verify_case *c, const snas_json *config, const double *v)
{
    const char *name = name_at(config, "reward_measure", "accuracy");
    int measure = 0;
    while (measure < SNAS_REWARD_COUNT && strcmp(snas_reward_names[measure], name) != 0) {
        measure++;
    }
    if (measure == SNAS_REWARD_COUNT) {
        return no_such_name(c, "reward_measure", name, "a reward, 'accuracy' or 'loss'");
    }
    c->search.reward = (snas_reward_measure)measure;
    c->search.reward_decay = v[REWARD_DECAY];
    c->search.reward_entropy = v[REWARD_ENTROPY];
    return SNAS_OK;
}

/* How the resource term reaches the logits: the first way that there is with the estimator, or what the case says. */
static snas_status check_resource(verify_case *c, const snas_json *config)
{
    const char *allowed[SNAS_RESOURCE_GRADIENT_COUNT + 1] = {0};
    int count = 0, first = 0;
    for (int way = SNAS_RESOURCE_GRADIENT_COUNT - 1; way >= 0; way--) {
        if (snas_resource_gradient_works((snas_resource_gradient)way, c->search.estimator)) {
            first = way;
            allowed[count++] = snas_resource_gradient_names[way];
        }
    }
    if (snas_json_find(config, "resource_method") == NULL) {
        c->search.resource_gradient = (snas_resource_gradient)first;
    }
    const char *name = snas_resource_gradient_names[c->search.resource_gradient];
    return snas_search_method_takes(allowed, name) ? SNAS_OK : does_not_go(c, "resource_method", name, allowed);
}

/* The settings of the search that the case is a part of; those of a training, which are there, say what both have. */
static snas_status read_search(verify_case *c, const snas_json *config, const double *v)
{
    const snas_train_config *t = &c->train;
    c->search.channels = t->channels;
    c->search.cells = t->cells;
    c->search.epochs = t->epochs;
    c->search.batch = t->batch;
    c->search.drop_path = t->drop_path;
    c->search.drop_path_ramp = t->drop_path_ramp;
    c->search.weights = t->weights;
    if (c->supernet) {
        SNAS_TRY(read_method(c, config));
        SNAS_TRY(read_reward(c, config, v));
    }
    SNAS_TRY(read_temperature(c, config, v));
    SNAS_TRY(read_resource(c, config, v));
    return c->supernet ? check_resource(c, config) : SNAS_OK;
}

/* The settings of the search or the training that the case is a part of. */
static snas_status read_settings(verify_case *c, const snas_json *config, double *v)
{
    const char *name = name_at(config, "space", "darts");
    c->search.space = snas_space_find(name);
    if (c->search.space == NULL) {
        return no_such_name(c, "space", name, "a search space, 'nas-bench-201' say");
    }
    SNAS_TRY(read_keys(c, config, TRAJECTORY_KEYS, KEYS, v));
    SNAS_TRY(read_optimisers(c, config, v));
    const int steps = c->steps > 0 ? c->steps : 1;
    c->shards = (int)v[SHARDS];
    c->seed = (uint64_t)v[SEED];
    c->steps_per_epoch = (int)v[STEPS_PER_EPOCH];
    c->train.channels = (int)v[CHANNELS];
    c->train.cells = (int)v[CELLS];
    c->train.epochs = (steps + c->steps_per_epoch - 1) / c->steps_per_epoch;
    c->train.batch = c->batch;
    c->train.micro_batch = (int)v[MICRO_BATCH];
    c->train.drop_path = v[DROP_PATH];
    c->train.drop_path_ramp = v[DROP_PATH_RAMP] > 0;
    c->train.label_smoothing = v[LABEL_SMOOTHING];
    c->train.auxiliary = v[AUXILIARY];
    return read_search(c, config, v);
}

snas_status verify_config_read(snas_arena *mem, verify_case *c)
{
    const snas_json *config;
    double values[KEYS] = {0};
    SNAS_TRY(read_metadata(mem, c, "config", &config));
    const snas_json *genotype = snas_json_find(config, "genotype");
    c->supernet = genotype != NULL && genotype->kind == SNAS_JSON_NULL;
    SNAS_TRY(read_keys(c, config, 0, STEP_KEYS, values));
    if (genotype == NULL) {
        return snas_fail(SNAS_E_DATA, "'%s': its config has no key 'genotype'", c->path);
    }
    c->classes = (int)values[CLASSES];
    c->side = (int)values[IMAGE];
    c->batch = (int)values[BATCH];
    SNAS_TRY(read_settings(c, config, values));
    if (!c->supernet) {
        SNAS_TRY(read_genotype(mem, genotype, values[NO_POOL_BN] == 0, c));
    }
    return c->steps > 0 ? SNAS_OK : read_metadata(mem, c, "float32_error", &c->float32_error);
}
