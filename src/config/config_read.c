/* config_read.c -- defaults, a file and --set texts into settings, by the table; every fault is reported, each in a
 * line.
 *
 * The defaults of a search space are taken last, into keys that nothing else has set: so the order in which space and
 * keys come does not matter. A key remembers the rank of what set it (0 default, 1 the file, 2 and on the --set texts
 * in order) and where, so that a later word wins and a check over two keys can point at one of them.
 */
#include "fields.h"

#include <assert.h>
#include <string.h>

enum { FAULTS_MAX = 20, KEYS_MAX = 128, WORD_MAX = 96, FILE_RANK = 1 };

typedef struct {
    snas_arena *mem;
    snas_config *config;
    const char *source; /* file name, or "--set" */
    bool has_lines;     /* positions within the source mean something */
    int rank;
    int ranks[KEYS_MAX];
    const char *where[KEYS_MAX]; /* of each key that is not at its default */
    snas_text *changes;          /* of a run that has begun: what --set makes of its config; NULL: no such run */
    snas_text faults;
    int fault_count;
} reader;

/* --- saying what is wrong ----------------------------------------------------------------------------------------- */

/* Begin a line of the report: "where: path: ". False when there are enough lines. */
static bool fault_begins(reader *r, const char *where, const char *path)
{
    r->fault_count++;
    if (r->fault_count > FAULTS_MAX) {
        return false;
    }
    char safe[WORD_MAX];
    snas_text_add(&r->faults, "\n%s: %s: ", where, snas_printable(safe, sizeof safe, path));
    return true;
}

static const char *place(reader *r, int line, int column)
{
    const char *text = r->source;
    if (r->has_lines) {
        text = snas_format(r->mem, "%s:%d:%d", r->source, line, column);
    }
    return text == NULL ? r->source : text;
}

static void add_found(snas_text *text, const snas_json *value)
{
    char safe[WORD_MAX];
    switch (value->kind) {
    case SNAS_JSON_STRING:
        snas_text_add(text, "'%s'", snas_printable(safe, sizeof safe, value->string));
        break;
    case SNAS_JSON_NUMBER:
        snas_text_add_real(text, value->number);
        break;
    case SNAS_JSON_BOOL:
        snas_text_add(text, "%s", value->number != 0 ? "true" : "false");
        break;
    default:
        snas_text_add(text, "%s", snas_json_kind_name(value->kind));
    }
}

static const char *choice_at(const void *context, int i)
{
    return ((const snas_config_names *)context)->at(i);
}

static void fault_value(reader *r, const snas_config_key *key, const snas_json *value)
{
    if (!fault_begins(r, place(r, value->line, value->column), key->path)) {
        return;
    }
    snas_text_add(&r->faults, "found ");
    add_found(&r->faults, value);
    snas_text_add(&r->faults, ", allowed ");
    snas_config_allowed(&r->faults, key);
    if (key->kind == SNAS_KEY_NAME && value->kind == SNAS_JSON_STRING) {
        const char *near = snas_nearest(value->string, choice_at, key->names, config_names_count(key->names));
        if (near != NULL) {
            snas_text_add(&r->faults, "; did you mean '%s'?", near);
        }
    }
}

/* --- what stands in a section ------------------------------------------------------------------------------------- */

/* The names of a section's members, without repetition. */
typedef struct {
    int count;
    const char *names[KEYS_MAX];
} members;

static void section_members(snas_arena *mem, const char *section, members *out)
{
    const size_t length = strlen(section);
    out->count = 0;
    for (int i = 0; i < snas_config_key_count; i++) {
        const char *path = snas_config_keys[i].path;
        if (length > 0) {
            if (strncmp(path, section, length) != 0 || path[length] != '.') {
                continue;
            }
            path += length + 1;
        }
        const char *name = snas_format(mem, "%.*s", (int)strcspn(path, "."), path);
        if (name != NULL && (out->count == 0 || strcmp(out->names[out->count - 1], name) != 0)) {
            out->names[out->count++] = name;
        }
    }
}

static const char *member_at(const void *context, int i)
{
    return ((const members *)context)->names[i];
}

static void add_members(snas_text *text, const members *all)
{
    for (int i = 0; i < all->count; i++) {
        snas_text_add(text, "%s%s", i == 0 ? "" : ", ", all->names[i]);
    }
}

static int find_key(const char *path)
{
    for (int i = 0; i < snas_config_key_count; i++) {
        if (strcmp(snas_config_keys[i].path, path) == 0) {
            return i;
        }
    }
    return -1;
}

static bool is_section(const char *path)
{
    for (const snas_config_section *s = snas_config_sections; s->path != NULL; s++) {
        if (strcmp(s->path, path) == 0) {
            return true;
        }
    }
    return false;
}

/* A key whose last word is exactly `word`, for keys put into the wrong section. */
static const char *elsewhere(const char *word)
{
    for (int i = 0; i < snas_config_key_count; i++) {
        const char *dot = strrchr(snas_config_keys[i].path, '.');
        if (strcmp(dot == NULL ? snas_config_keys[i].path : dot + 1, word) == 0) {
            return snas_config_keys[i].path;
        }
    }
    return NULL;
}

static void fault_unknown(reader *r, const char *where, const char *path)
{
    if (!fault_begins(r, where, path)) {
        return;
    }
    /* The deepest part of the path that is a section says what is allowed. */
    char section[WORD_MAX] = "";
    const char *word = path;
    for (const char *dot = strchr(path, '.'); dot != NULL; dot = strchr(dot + 1, '.')) {
        char head[WORD_MAX];
        const size_t length = (size_t)(dot - path);
        if (length >= sizeof head) {
            break;
        }
        memcpy(head, path, length);
        head[length] = 0;
        if (!is_section(head)) {
            break;
        }
        memcpy(section, head, length + 1);
        word = dot + 1;
    }
    members all;
    section_members(r->mem, section, &all);
    char safe[WORD_MAX];
    snas_text_add(&r->faults, "found the unknown key '%s'", snas_printable(safe, sizeof safe, word));
    const char *near = snas_nearest(word, member_at, &all, all.count);
    const char *other = near == NULL ? elsewhere(word) : NULL;
    if (near != NULL) {
        snas_text_add(&r->faults, "; did you mean '%s%s%s'? allowed: ", section, section[0] ? "." : "", near);
    } else if (other != NULL) {
        snas_text_add(&r->faults, "; did you mean '%s'? allowed: ", other);
    } else {
        snas_text_add(&r->faults, ", allowed ");
    }
    add_members(&r->faults, &all);
}

/* --- taking values ------------------------------------------------------------------------------------------------ */

static void take_object(reader *r, const snas_json *object, const char *section);

static const char *written(reader *r, const snas_config_key *key)
{
    snas_text text = snas_text_make(r->mem);
    config_value_write(&text, key, r->config);
    return text.failed ? "" : text.data;
}

/* A key of a run that has begun is another one than it `was`: note it, or refuse it with what may be changed. */
static void change(reader *r, const snas_config_key *key, const char *was, const char *where)
{
    const char *is = written(r, key);
    if (strcmp(was, is) == 0) {
        return;
    }
    if (key->resumable) {
        snas_text_add(r->changes, "%s%s from %s to %s", r->changes->size > 0 ? ", " : "", key->path, was, is);
        return;
    }
    if (!fault_begins(r, where, key->path)) {
        return;
    }
    snas_text_add(&r->faults, "found %s, allowed %s, with which the run began; what may change:", is, was);
    for (int i = 0, count = 0; i < snas_config_key_count; i++) {
        if (snas_config_keys[i].resumable) {
            snas_text_add(&r->faults, "%s %s", count++ == 0 ? "" : ",", snas_config_keys[i].path);
        }
    }
}

static void take_key(reader *r, int i, const snas_json *value, const char *where)
{
    const snas_config_key *key = &snas_config_keys[i];
    if (r->ranks[i] == r->rank) {
        if (fault_begins(r, where, key->path)) {
            snas_text_add(&r->faults, "found a second time, first at %s; allowed once", r->where[i]);
        }
        return;
    }
    const bool begun = r->changes != NULL && r->rank > FILE_RANK;
    const char *was = begun ? written(r, key) : NULL;
    if (!config_value_take(key, r->config, value)) {
        fault_value(r, key, value);
    } else if (begun) {
        change(r, key, was, where);
    }
    r->ranks[i] = r->rank;
    r->where[i] = where;
}

/* One value for a path: a key, or a whole section. `where` is the place of the key itself. */
static void take_path(reader *r, const char *path, const snas_json *value, const char *where)
{
    const int i = find_key(path);
    if (i >= 0) {
        take_key(r, i, value, where);
        return;
    }
    if (!is_section(path)) {
        fault_unknown(r, where, path);
        return;
    }
    if (value->kind == SNAS_JSON_OBJECT) {
        take_object(r, value, path);
    } else if (fault_begins(r, place(r, value->line, value->column), path)) {
        members all;
        section_members(r->mem, path, &all);
        snas_text_add(&r->faults, "found ");
        add_found(&r->faults, value);
        snas_text_add(&r->faults, ", allowed an object with ");
        add_members(&r->faults, &all);
    }
}

static void take_object(reader *r, const snas_json *object, const char *section)
{
    for (const snas_json *child = object->first; child != NULL; child = child->next) {
        if (section[0] == 0 && strcmp(child->key, "$schema") == 0) {
            continue; /* for editors */
        }
        const char *path = section[0] == 0 ? child->key : snas_format(r->mem, "%s.%s", section, child->key);
        if (path != NULL) {
            take_path(r, path, child, place(r, child->key_line, child->key_column));
        }
    }
}

/* --- the three sources -------------------------------------------------------------------------------------------- */

static snas_status take_default(reader *r, const snas_config_key *key, const char *fallback)
{
    const snas_json *value;
    SNAS_TRY(snas_json_parse(r->mem, key->path, (snas_bytes){fallback, strlen(fallback)}, &value));
    const bool fits = config_value_take(key, r->config, value);
    assert(fits);
    (void)fits;
    return SNAS_OK;
}

static snas_status take_defaults(reader *r)
{
    r->config->search.preset = -1;
    for (int i = 0; i < snas_config_key_count; i++) {
        if (snas_config_keys[i].fallback != NULL) {
            SNAS_TRY(take_default(r, &snas_config_keys[i], snas_config_keys[i].fallback));
        }
    }
    return SNAS_OK;
}

/* The default that the key has in that space alone, NULL when it has none there. */
static const char *default_in_space(const snas_config_key *key, const snas_space *space)
{
    for (const snas_space_default *d = key->in_space; d != NULL && d->space != NULL; d++) {
        assert(snas_space_find(d->space) != NULL);
        if (snas_space_find(d->space) == space) {
            return d->fallback;
        }
    }
    return NULL;
}

/* What the search space makes of the keys that no file and no --set text has set. */
static snas_status take_defaults_of_space(reader *r)
{
    for (int i = 0; i < snas_config_key_count; i++) {
        const char *fallback = default_in_space(&snas_config_keys[i], r->config->search.space);
        if (r->ranks[i] == 0 && fallback != NULL) {
            SNAS_TRY(take_default(r, &snas_config_keys[i], fallback));
        }
    }
    return SNAS_OK;
}

static snas_status take_file(reader *r, const char *path)
{
    const snas_json *root;
    SNAS_TRY(snas_json_load(r->mem, path, &root));
    r->source = path;
    r->has_lines = true;
    r->rank = FILE_RANK;
    if (root->kind != SNAS_JSON_OBJECT) {
        return snas_fail(SNAS_E_USAGE, "%s:%d:%d: found %s, allowed an object", path, root->line, root->column,
                         snas_json_kind_name(root->kind));
    }
    take_object(r, root, "");
    return SNAS_OK;
}

/* "key.path=value": the value is JSON where it reads as such, and a string where it does not or the key wants one. */
static void take_set(reader *r, const char *set)
{
    r->source = "--set";
    r->has_lines = false;
    r->rank++;
    const char *equals = strchr(set, '=');
    if (equals == NULL || equals == set) {
        if (fault_begins(r, r->source, set)) {
            snas_text_add(&r->faults, "found no value, allowed key.path=value");
        }
        return;
    }
    const char *path = snas_format(r->mem, "%.*s", (int)(equals - set), set);
    if (path == NULL) {
        return;
    }
    const snas_json raw = {.kind = SNAS_JSON_STRING, .string = equals + 1};
    const snas_json *value;
    const snas_bytes text = {equals + 1, strlen(equals + 1)};
    if (snas_json_parse(r->mem, r->source, text, &value) != SNAS_OK) {
        snas_error_clear();
        value = &raw;
    }
    const int i = find_key(path);
    const snas_config_kind kind = i >= 0 ? snas_config_keys[i].kind : SNAS_KEY_KINDS;
    const bool wants_word = kind == SNAS_KEY_NAME || kind == SNAS_KEY_STRING ||
                            (kind == SNAS_KEY_SEED && !value->is_integer); /* beyond 2^53 its digits count */
    if (wants_word && (value->kind == SNAS_JSON_NUMBER || value->kind == SNAS_JSON_BOOL)) {
        value = &raw;
    }
    take_path(r, path, value, r->source);
}

/* --- over two keys ------------------------------------------------------------------------------------------------ */

static bool tau_rises(const snas_config *c)
{
    return c->search.tau_last > c->search.tau_first;
}
static bool warmup_never_ends(const snas_config *c)
{
    return c->search.logit_warmup >= c->search.epochs;
}
static bool search_never_warm(const snas_config *c)
{
    return c->search.weights.warmup >= c->search.epochs;
}
static bool train_never_warm(const snas_config *c)
{
    return c->train.weights.warmup >= c->train.epochs;
}
static bool lone_picture(const snas_config *c)
{
    return c->train.micro_batch == 1;
}
static bool nesterov_stands(const snas_config *c)
{
    return (c->search.weights.nesterov && c->search.weights.momentum <= 0) ||
           (c->train.weights.nesterov && c->train.weights.momentum <= 0);
}
static bool exponential_to_zero(const snas_weights_config *w)
{
    return strcmp(w->schedule->name, "exponential") == 0 && w->rate_last <= 0;
}
static bool search_decays_to_zero(const snas_config *c)
{
    return exponential_to_zero(&c->search.weights);
}
static bool train_decays_to_zero(const snas_config *c)
{
    return exponential_to_zero(&c->train.weights);
}

static bool score_unknown(const snas_config *c)
{
    return c->search.resource && c->search.resource_gradient == SNAS_RESOURCE_POLICY_GRADIENT &&
           c->search.estimator->score == NULL;
}

static const struct {
    const char *key;
    bool (*broken)(const snas_config *config);
    const char *allowed;
} CHECKS[] = {
    {"search.temperature.last", tau_rises, "no more than search.temperature.first"},
    {"search.logits.warmup", warmup_never_ends, "less than search.epochs"},
    {"search.weights.warmup", search_never_warm, "less than search.epochs"},
    {"train.weights.warmup", train_never_warm, "less than train.epochs"},
    {"train.micro_batch", lone_picture, "0, or 2 and more: norms need company"},
    {"search.weights.nesterov", nesterov_stands, "true only with a momentum above 0"},
    {"search.weights.rate_last", search_decays_to_zero, "above 0 with search.weights.schedule 'exponential'"},
    {"search.resource.method", score_unknown, "another one: the estimator knows no density of its draws"},
    {"train.weights.rate_last", train_decays_to_zero, "above 0 with train.weights.schedule 'exponential'"},
};

static void check_pairs(reader *r)
{
    for (size_t n = 0; n < sizeof CHECKS / sizeof CHECKS[0]; n++) {
        const int i = find_key(CHECKS[n].key);
        if (!CHECKS[n].broken(r->config)) {
            continue;
        }
        if (fault_begins(r, r->where[i], CHECKS[n].key)) {
            snas_text_add(&r->faults, "found ");
            config_value_write(&r->faults, &snas_config_keys[i], r->config);
            snas_text_add(&r->faults, ", allowed %s", CHECKS[n].allowed);
        }
    }
}

/* A preset stands for a lambda: the later word wins, and one source must not say both. */
static void apply_preset(reader *r)
{
    const int preset = find_key("search.resource.preset");
    const int lambda = find_key("search.resource.lambda");
    if (r->config->search.preset < 0 || r->ranks[lambda] > r->ranks[preset]) {
        return;
    }
    if (r->ranks[lambda] == r->ranks[preset]) {
        if (fault_begins(r, r->where[preset], snas_config_keys[preset].path)) {
            snas_text_add(&r->faults, "found beside search.resource.lambda, allowed one of the two");
        }
        return;
    }
    r->config->search.lambda = config_preset_lambda(r->config->search.preset);
}

static snas_status load(reader *r, const char *path, const char *const *sets, int set_count)
{
    assert(snas_config_key_count <= KEYS_MAX);
    for (int i = 0; i < snas_config_key_count; i++) {
        r->where[i] = "default";
    }
    SNAS_TRY(take_defaults(r));
    if (path != NULL) {
        SNAS_TRY(take_file(r, path));
    }
    for (int i = 0; i < set_count; i++) {
        take_set(r, sets[i]);
    }
    SNAS_TRY(take_defaults_of_space(r));
    apply_preset(r);
    if (r->fault_count == 0) {
        check_pairs(r);
    }
    SNAS_TRY(snas_text_done(&r->faults));
    if (r->fault_count > FAULTS_MAX) {
        snas_text_add(&r->faults, "\n... and %d more", r->fault_count - FAULTS_MAX);
    }
    if (r->fault_count > 0) {
        return snas_fail(SNAS_E_USAGE, "%d fault%s in the config%s", r->fault_count, r->fault_count == 1 ? "" : "s",
                         r->faults.data);
    }
    return config_write(r->mem, r->config, &r->config->text);
}

snas_status snas_config_load(snas_arena *mem, const char *path, const char *const *sets, int set_count,
                             snas_config *out)
{
    *out = (snas_config){0};
    reader r = {.mem = mem, .config = out, .faults = snas_text_make(mem), .rank = FILE_RANK};
    return load(&r, path, sets, set_count);
}

snas_status snas_config_resume(snas_arena *mem, const char *path, const char *const *sets, int set_count,
                               snas_config *out)
{
    snas_config before;
    SNAS_TRY(snas_config_load(mem, path, NULL, 0, &before));
    *out = (snas_config){0};
    snas_text changes = snas_text_make(mem);
    reader r = {.mem = mem, .config = out, .changes = &changes, .faults = snas_text_make(mem), .rank = FILE_RANK};
    SNAS_TRY(load(&r, path, sets, set_count));
    SNAS_TRY(snas_text_done(&changes));
    if (changes.size > 0) {
        out->changes = changes.data;
        out->text_before = before.text;
    }
    return SNAS_OK;
}
