/* verify_case.c -- reading a case of `snas verify`: config, genotype, pictures, noise. The format: verify.h. */
#include "verify_case.h"

#include <math.h>
#include <string.h>

#include "snas/base/text.h"

/* --- config --------------------------------------------------------------------------------------------------------- */

typedef enum { KEY_INTEGER, KEY_REAL, KEY_BOOL } key_kind;

typedef struct {
    const char *key;
    key_kind kind;
    double minimum, maximum;
} config_key;

enum { CHANNELS, CELLS, CLASSES, IMAGE, BATCH, TEMPERATURE, LAMBDA, LOG_PENALTY, NO_POOL_BN, KEYS };

static const config_key CONFIG_KEYS[KEYS] = {
    [CHANNELS] = {"channels",        KEY_INTEGER, 2,     4096   },
    [CELLS] = {"cells",           KEY_INTEGER, 3,     256    },
    [CLASSES] = {"classes",         KEY_INTEGER, 2,     1 << 16},
    [IMAGE] = {"image",           KEY_INTEGER, 8,     4096   },
    [BATCH] = {"batch",           KEY_INTEGER, 2,     1 << 16},
    [TEMPERATURE] = {"temperature",     KEY_REAL,    1e-12, 1e12   },
    [LAMBDA] = {"resource_lambda", KEY_REAL,    -1e12, 1e12   },
    [LOG_PENALTY] = {"log_penalty",     KEY_BOOL,    0,     1      },
    [NO_POOL_BN] = {"no_pool_bn",      KEY_BOOL,    0,     1      },
};

static const char *const KIND_NAMES[] = {"an integer", "a number", "true or false"};

static snas_status read_key(const char *path, const snas_json *config, const config_key *row,
                            double *out)
{
    const snas_json *value = snas_json_find(config, row->key);
    if (value == NULL) {
        return snas_fail(SNAS_E_DATA, "'%s': its config has no key '%s'", path, row->key);
    }
    const snas_json_kind kind = row->kind == KEY_BOOL ? SNAS_JSON_BOOL : SNAS_JSON_NUMBER;
    if (value->kind != kind || (row->kind == KEY_INTEGER && !value->is_integer)) {
        return snas_fail(SNAS_E_DATA, "'%s': '%s' of its config is %s, it has to be %s", path,
                         row->key, snas_json_kind_name(value->kind), KIND_NAMES[row->kind]);
    }
    if (!(value->number >= row->minimum && value->number <= row->maximum)) {
        return snas_fail(SNAS_E_DATA,
                         "'%s': '%s' of its config is %g, it has to be between %g and %g", path,
                         row->key, value->number, row->minimum, row->maximum);
    }
    *out = value->number;
    return SNAS_OK;
}

/* One JSON text of the metadata. */
static snas_status read_metadata(snas_arena *mem, const verify_case *c, const char *key,
                                 const snas_json **out)
{
    const char *text = snas_metadata_find(&c->file, key);
    if (text == NULL) {
        return snas_fail(SNAS_E_DATA, "'%s' is not a case: its metadata has no key '%s'", c->path,
                         key);
    }
    const char *name = snas_format(mem, "%s: %s", c->path, key);
    if (name == NULL) {
        return SNAS_E_MEMORY;
    }
    const snas_status status =
        snas_json_parse(mem, name, (snas_bytes){.data = text, .size = strlen(text)}, out);
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

static snas_status read_genotype(snas_arena *mem, const snas_json *value, bool pool_bn,
                                 verify_case *c)
{
    snas_text text = snas_text_make(mem);
    write_value(value, &text);
    SNAS_TRY(snas_text_done(&text));
    const char *name = snas_format(mem, "%s: genotype", c->path);
    if (name == NULL) {
        return SNAS_E_MEMORY;
    }
    SNAS_TRY(snas_genotype_parse(mem, name, (snas_bytes){.data = text.data, .size = text.size},
                                 &c->genotype));
    c->genotype.pool_bn = pool_bn;
    return SNAS_OK;
}

static snas_status read_config(snas_arena *mem, verify_case *c)
{
    const snas_json *config;
    double values[KEYS];
    SNAS_TRY(read_metadata(mem, c, "config", &config));
    SNAS_TRY(read_metadata(mem, c, "float32_error", &c->float32_error));
    for (int i = 0; i < KEYS; i++) {
        SNAS_TRY(read_key(c->path, config, &CONFIG_KEYS[i], &values[i]));
    }
    c->channels = (int)values[CHANNELS];
    c->cells = (int)values[CELLS];
    c->classes = (int)values[CLASSES];
    c->side = (int)values[IMAGE];
    c->batch = (int)values[BATCH];
    c->temperature = values[TEMPERATURE];
    c->lambda = values[LAMBDA];
    c->logarithmic = values[LOG_PENALTY] > 0;
    const snas_json *genotype = snas_json_find(config, "genotype");
    if (genotype == NULL) {
        return snas_fail(SNAS_E_DATA, "'%s': its config has no key 'genotype'", c->path);
    }
    c->supernet = genotype->kind == SNAS_JSON_NULL;
    return c->supernet ? SNAS_OK : read_genotype(mem, genotype, values[NO_POOL_BN] == 0, c);
}

/* --- inputs --------------------------------------------------------------------------------------------------------- */

snas_status verify_case_tensor(snas_arena *mem, const verify_case *c, const char *name,
                               int64_t count, const double **out)
{
    double *to;
    const snas_named_tensor *tensor = snas_tensor_find(&c->file, name);
    if (tensor == NULL) {
        return snas_fail(SNAS_E_IO, "'%s': tensor '%s' is missing from the file, which has %d",
                         c->path, name, c->file.count);
    }
    if (tensor->count != count) {
        return snas_fail(SNAS_E_IO, "'%s': tensor '%s' has %lld numbers, the case wants %lld",
                         c->path, name, (long long)tensor->count, (long long)count);
    }
    SNAS_NEW(mem, to, count);
    *out = to;
    return snas_tensor_to_double(tensor, to);
}

/* [N,3,S,S] -> [N,S,S,3]. */
static snas_status read_images(snas_arena *mem, verify_case *c)
{
    const double *from;
    const int64_t pixels = (int64_t)c->side * c->side, count = 3 * pixels * c->batch;
    const snas_named_tensor *tensor = snas_tensor_find(&c->file, "input.images");
    const int64_t shape[4] = {c->batch, 3, c->side, c->side};
    SNAS_TRY(verify_case_tensor(mem, c, "input.images", count, &from));
    if (tensor->dims != 4 || memcmp(tensor->shape, shape, sizeof shape) != 0) {
        return snas_fail(SNAS_E_IO, "'%s': 'input.images' has to have the shape [%d, 3, %d, %d]",
                         c->path, c->batch, c->side, c->side);
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
    if (tensor == NULL || tensor->dtype != SNAS_I64 || tensor->count != c->batch) {
        return snas_fail(SNAS_E_IO, "'%s': 'input.labels' has to be there with %d numbers of I64",
                         c->path, c->batch);
    }
    SNAS_NEW(mem, c->labels, c->batch);
    for (int i = 0; i < c->batch; i++) {
        const int64_t label = ((const int64_t *)tensor->data)[i];
        if (label < 0 || label >= c->classes) {
            return snas_fail(SNAS_E_DATA, "'%s': label %lld of picture %d is not in 0..%d", c->path,
                             (long long)label, i, c->classes - 1);
        }
        c->labels[i] = (int)label;
    }
    return SNAS_OK;
}

/* The logits and the noise of both cell types, one row of the draw a type. */
static snas_status read_draw(snas_arena *mem, verify_case *c)
{
    static const int TYPES[SNAS_CELL_TYPES_MAX] = {0, 1};
    const snas_space *space = snas_space_find("darts");
    const int edges = snas_space_edge_count(space), count = edges * space->candidate_count;
    SNAS_TRY(snas_logits_create(mem, space->cell_types, edges, space->candidate_count, &c->logits));
    SNAS_TRY(snas_draw_create(mem, &c->logits, space->cell_types, TYPES, &c->draw));
    c->draw.temperature = c->temperature;
    for (int type = 0; type < space->cell_types; type++) {
        const struct {
            const char *name;
            double *to;
        } both[2] = {
            {snas_format(mem, "%s_log_alpha",    space->type_names[type]), c->logits.log_alpha},
            {snas_format(mem, "input.gumbel_%s", space->type_names[type]), c->draw.gumbel     },
        };
        for (int i = 0; i < 2; i++) {
            const double *from;
            if (both[i].name == NULL) {
                return SNAS_E_MEMORY;
            }
            SNAS_TRY(verify_case_tensor(mem, c, both[i].name, count, &from));
            memcpy(both[i].to + (ptrdiff_t)type * count, from, (size_t)count * sizeof *from);
        }
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
