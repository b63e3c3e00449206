/* config_read.c -- defaults, a file and --set texts into settings, by the table; every fault is reported, each in a
 * line.
 *
 * The defaults of a search space are taken last, into keys that nothing else has set: so the order in which space and
 * keys come does not matter. A key remembers the rank of what set it (0 default, 1 the file, 2 and on the --set texts
 * in order) and where, so that a later word wins and a check over two keys can point at one of them.
 */
#include "reader.h"

#include <assert.h>
#include <string.h>

enum { FILE_RANK = 1 };

/* --- taking values ------------------------------------------------------------------------------------------------ */

static void take_object(config_reader *r, const snas_json *object, const char *section);

static const char *written(config_reader *r, const snas_config_key *key)
{
    snas_text text = snas_text_make(r->mem);
    config_value_write(&text, key, r->config);
    return text.failed ? "" : text.data;
}

/* A key of a run that has begun is another one than it `was`: note it, or refuse it with what may be changed. */
static void change(config_reader *r, const snas_config_key *key, const char *was, const char *where)
{
    const char *is = written(r, key);
    if (strcmp(was, is) == 0) {
        return;
    }
    const bool becomes_null =
        (strcmp(was, "null") == 0) != (strcmp(is, "null") == 0); /* rows have other figures then */
    if (key->resumable && !(key->nullable && becomes_null)) {
        snas_text_add(r->changes, "%s%s from %s to %s", r->changes->size > 0 ? ", " : "", key->path, was, is);
        return;
    }
    if (!config_fault_begins(r, where, key->path)) {
        return;
    }
    snas_text_add(&r->faults, "found %s, allowed %s, with which the run began; what may change:", is, was);
    for (int i = 0, count = 0; i < snas_config_key_count; i++) {
        if (snas_config_keys[i].resumable) {
            snas_text_add(&r->faults, "%s %s", count++ == 0 ? "" : ",", snas_config_keys[i].path);
        }
    }
}

static void take_key(config_reader *r, int i, const snas_json *value, const char *where)
{
    const snas_config_key *key = &snas_config_keys[i];
    if (r->ranks[i] == r->rank) {
        if (config_fault_begins(r, where, key->path)) {
            snas_text_add(&r->faults, "found a second time, first at %s; allowed once", r->where[i]);
        }
        return;
    }
    const bool begun = r->changes != NULL && r->rank > FILE_RANK;
    const char *was = begun ? written(r, key) : NULL;
    if (!config_value_take(key, r->config, value)) {
        config_fault_value(r, key, value);
    } else if (begun) {
        change(r, key, was, where);
    }
    r->ranks[i] = r->rank;
    r->where[i] = where;
}

/* One value for a path: a key, or a whole section. `where` is the place of the key itself. */
static void take_path(config_reader *r, const char *path, const snas_json *value, const char *where)
{
    const int i = snas_config_key_find(path);
    if (i >= 0) {
        take_key(r, i, value, where);
        return;
    }
    if (!config_section_is(path)) {
        config_fault_unknown(r, where, path);
        return;
    }
    if (value->kind == SNAS_JSON_OBJECT) {
        take_object(r, value, path);
    } else {
        config_fault_section(r, path, value);
    }
}

static void take_object(config_reader *r, const snas_json *object, const char *section)
{
    for (const snas_json *child = object->first; child != NULL; child = child->next) {
        if (section[0] == 0 && strcmp(child->key, "$schema") == 0) {
            continue; /* for editors */
        }
        const char *path = section[0] == 0 ? child->key : snas_format(r->mem, "%s.%s", section, child->key);
        if (path == NULL) {
            r->faults.failed = true;
            return;
        }
        take_path(r, path, child, config_place(r, child->key_line, child->key_column));
    }
}

/* --- the three sources -------------------------------------------------------------------------------------------- */

static snas_status take_default(config_reader *r, const snas_config_key *key, const char *fallback)
{
    const snas_json *value;
    SNAS_TRY(snas_json_parse(r->mem, key->path, (snas_bytes){fallback, strlen(fallback)}, &value));
    const bool fits = config_value_take(key, r->config, value);
    assert(fits);
    (void)fits;
    return SNAS_OK;
}

static snas_status take_defaults(config_reader *r)
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
static snas_status take_defaults_of_space(config_reader *r)
{
    for (int i = 0; i < snas_config_key_count; i++) {
        const char *fallback = default_in_space(&snas_config_keys[i], r->config->search.space);
        if (r->ranks[i] == 0 && fallback != NULL) {
            SNAS_TRY(take_default(r, &snas_config_keys[i], fallback));
        }
    }
    return SNAS_OK;
}

/* The members of an object, over what is there. */
static snas_status take_root(config_reader *r, const snas_json *root, const char *source)
{
    char shown[1024];
    r->source = snas_format(r->mem, "%s", snas_printable(shown, sizeof shown, source));
    SNAS_TRY(snas_taken(r->source));
    r->has_lines = true;
    if (root->kind != SNAS_JSON_OBJECT) {
        return snas_fail(SNAS_E_USAGE, "%s:%d:%d: found %s, allowed an object", r->source, root->line, root->column,
                         snas_json_kind_name(root->kind));
    }
    take_object(r, root, "");
    return SNAS_OK;
}

static snas_status take_file(config_reader *r, const char *path)
{
    const snas_json *root;
    const snas_status status = snas_json_load(r->mem, path, &root);
    if (status == SNAS_E_DATA) { /* a text that is no JSON is a fault of the config like others */
        return snas_fail(SNAS_E_USAGE, "%s", snas_error());
    }
    SNAS_TRY(status);
    return take_root(r, root, path);
}

/* "key.path=value": the value is JSON where it reads as such, and a string where it does not or the key wants one. */
static void take_set(config_reader *r, const char *set)
{
    r->source = "--set";
    r->has_lines = false;
    r->rank++;
    const char *equals = strchr(set, '=');
    if (equals == NULL || equals == set) {
        if (config_fault_begins(r, r->source, set)) {
            snas_text_add(&r->faults, "found no value, allowed key.path=value");
        }
        return;
    }
    const char *path = snas_format(r->mem, "%.*s", (int)(equals - set), set);
    if (path == NULL) {
        r->faults.failed = true;
        return;
    }
    const snas_json raw = {.kind = SNAS_JSON_STRING, .string = equals + 1};
    const snas_json *value;
    const snas_bytes text = {equals + 1, strlen(equals + 1)};
    const snas_status status = snas_json_parse(r->mem, r->source, text, &value);
    if (status != SNAS_OK) {
        r->faults.failed = r->faults.failed || status == SNAS_E_MEMORY;
        snas_error_clear();
        value = &raw;
    }
    const int i = snas_config_key_find(path);
    const snas_config_kind kind = i >= 0 ? snas_config_keys[i].kind : SNAS_KEY_KINDS;
    const bool wants_word = kind == SNAS_KEY_NAME || kind == SNAS_KEY_STRING ||
                            (kind == SNAS_KEY_SEED && !value->is_integer); /* beyond 2^53 its digits count */
    if (wants_word && (value->kind == SNAS_JSON_NUMBER || value->kind == SNAS_JSON_BOOL)) {
        value = &raw;
    }
    take_path(r, path, value, r->source);
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

/* A preset stands for a lambda: the later word wins, and one source must not say both. */
static void apply_preset(config_reader *r)
{
    const int preset = snas_config_key_find("search.resource.preset");
    const int lambda = snas_config_key_find("search.resource.lambda");
    if (r->config->search.preset < 0 || r->ranks[lambda] > r->ranks[preset]) {
        return;
    }
    if (r->ranks[lambda] == r->ranks[preset]) {
        if (config_fault_begins(r, r->where[preset], snas_config_keys[preset].path)) {
            snas_text_add(&r->faults, "found beside search.resource.lambda, allowed one of the two");
        }
        return;
    }
    r->config->search.lambda = config_preset_lambda(r->config->search.preset);
}

/* The defaults, on which the sources are laid. */
static snas_status begin(config_reader *r)
{
    assert(snas_config_key_count <= CONFIG_KEYS_MAX);
    for (int i = 0; i < snas_config_key_count; i++) {
        r->where[i] = "default";
    }
    SNAS_TRY(take_defaults(r));
    r->rank = FILE_RANK;
    return SNAS_OK;
}

/* What all of it means together. */
static snas_status finish(config_reader *r)
{
    SNAS_TRY(take_defaults_of_space(r));
    apply_preset(r);
    config_settle_method(r);
    if (r->fault_count == 0) {
        config_check(r);
    }
    if (r->fault_count == 0 && r->checks_networks) {
        config_check_networks(r);
    }
    SNAS_TRY(config_fault_report(r));
    return config_write(r->mem, r->config, &r->config->text);
}

static snas_status load(config_reader *r, const char *path, const char *const *sets, int set_count)
{
    SNAS_TRY(begin(r));
    if (path != NULL) {
        SNAS_TRY(take_file(r, path));
    }
    for (int i = 0; i < set_count; i++) {
        take_set(r, sets[i]);
    }
    return finish(r);
}

static snas_status take_layer(config_reader *r, const snas_config_layer *layer)
{
    if (layer->set != NULL) {
        take_set(r, layer->set);
        return SNAS_OK;
    }
    return layer->object != NULL ? take_root(r, layer->object, layer->source) : take_file(r, layer->source);
}

snas_status snas_config_load_layers(snas_arena *mem, const snas_config_layer *layers, int count, snas_config *out)
{
    *out = (snas_config){0};
    config_reader r = {.mem = mem, .config = out, .faults = snas_text_make(mem)};
    SNAS_TRY(begin(&r));
    for (int i = 0; i < count; i++) {
        r.rank += i > 0 && layers[i].set == NULL; /* take_set counts for itself */
        SNAS_TRY(take_layer(&r, &layers[i]));
    }
    return finish(&r);
}

snas_status snas_config_load(snas_arena *mem, const char *path, const char *const *sets, int set_count,
                             snas_config *out)
{
    *out = (snas_config){0};
    config_reader r = {.mem = mem, .config = out, .faults = snas_text_make(mem)};
    return load(&r, path, sets, set_count);
}

snas_status snas_config_check(snas_arena *mem, const char *path, const char *const *sets, int set_count,
                              snas_config *out)
{
    *out = (snas_config){0};
    config_reader r = {.mem = mem, .config = out, .faults = snas_text_make(mem), .checks_networks = true};
    return load(&r, path, sets, set_count);
}

snas_status snas_config_resume(snas_arena *mem, const char *path, const char *const *sets, int set_count,
                               snas_config *out)
{
    snas_config before;
    SNAS_TRY(snas_config_load(mem, path, NULL, 0, &before));
    *out = (snas_config){0};
    snas_text changes = snas_text_make(mem);
    config_reader r = {.mem = mem, .config = out, .changes = &changes, .faults = snas_text_make(mem)};
    SNAS_TRY(load(&r, path, sets, set_count));
    SNAS_TRY(snas_text_done(&changes));
    if (changes.size > 0) {
        out->changes = changes.data;
        out->text_before = before.text;
    }
    return SNAS_OK;
}
