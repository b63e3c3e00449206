/* schema_write.c -- the table of config keys written out: resolved JSON, JSON Schema (draft-07), a table for documents.
 * */
#include "fields.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* A number as people write it: whole ones in digits, others in their shortest form. */
static void add_number(snas_text *text, double value)
{
    if (fabs(value) < 1e15 && value == floor(value)) {
        snas_text_add(text, "%.0f", value + 0.0); /* -0 + 0 is 0 */
    } else {
        snas_text_add_real(text, value);
    }
}

/* --- one key ------------------------------------------------------------------------------------------------------ */

static void write_colours(snas_text *text, const snas_colours *colours)
{
    if (!colours->given) {
        snas_text_add(text, "null");
        return;
    }
    snas_text_add(text, "[");
    for (int c = 0; c < 3; c++) {
        snas_text_next(text, ", ");
        add_number(text, colours->value[c]);
    }
    snas_text_add(text, "]");
}

static void write_real(snas_text *text, double value)
{
    if (isnan(value)) {
        snas_text_add(text, "null");
    } else {
        add_number(text, value);
    }
}

void config_value_write(snas_text *text, const snas_config_key *key, const snas_config *config)
{
    const void *field = (const char *)config + key->offset;
    const char *word = NULL;
    switch (key->kind) {
    case SNAS_KEY_COUNT:
        snas_text_add(text, "%d", *(const int *)field);
        return;
    case SNAS_KEY_REAL:
        write_real(text, *(const double *)field);
        return;
    case SNAS_KEY_BOOL:
        snas_text_add(text, "%s", *(const bool *)field ? "true" : "false");
        return;
    case SNAS_KEY_COLOURS:
        write_colours(text, field);
        return;
    case SNAS_KEY_SEED: {
        const uint64_t seed = *(const uint64_t *)field;
        const char *quote = seed <= UINT64_C(1) << 53 ? "" : "\""; /* what a JSON number can hold */
        snas_text_add(text, "%s%" PRIu64 "%s", quote, seed, quote);
        return;
    }
    case SNAS_KEY_NAME:
        word = key->names->name(field);
        break;
    default:
        word = *(const char *const *)field;
    }
    if (word == NULL) {
        snas_text_add(text, "null");
    } else {
        snas_text_add_json(text, word);
    }
}

/* "16, 32, 64" */
static void add_among(snas_text *text, const snas_config_key *key)
{
    for (int i = 0; i < SNAS_AMONG_MAX && key->among[i] != 0; i++) {
        snas_text_add(text, "%s%d", i == 0 ? "" : ", ", key->among[i]);
    }
}

void snas_config_allowed(snas_text *text, const snas_config_key *key)
{
    switch (key->kind) {
    case SNAS_KEY_COUNT:
        if (key->among[0] != 0) {
            add_among(text, key);
        } else {
            snas_text_add(text, "%s number from %.0f to %.0f", key->even ? "an even" : "a whole", key->minimum,
                          key->maximum);
        }
        break;
    case SNAS_KEY_REAL:
        snas_text_add(text, "a number %s ", key->open ? "above" : "from");
        add_number(text, key->minimum);
        snas_text_add(text, key->below ? " to below " : " to ");
        add_number(text, key->maximum);
        snas_text_add(text, "%s", key->nullable ? ", or null" : "");
        break;
    case SNAS_KEY_BOOL:
        snas_text_add(text, "true or false");
        break;
    case SNAS_KEY_NAME:
        for (int i = 0; key->names->at(i) != NULL; i++) {
            snas_text_add(text, "%s'%s'", i == 0 ? "" : ", ", key->names->at(i));
        }
        snas_text_add(text, "%s", key->nullable ? ", or null" : "");
        break;
    case SNAS_KEY_STRING:
        snas_text_add(text, "a string with something in it, or null");
        break;
    case SNAS_KEY_COLOURS:
        snas_text_add(text, "[red, green, blue], each %s ", key->open ? "above" : "from");
        add_number(text, key->minimum);
        snas_text_add(text, " to ");
        add_number(text, key->maximum);
        snas_text_add(text, ", or null");
        break;
    default:
        snas_text_add(text, "a whole number from 0 to 2^53, or a string of digits below 2^64");
    }
}

/* --- the tree of sections ----------------------------------------------------------------------------------------- */

/* A walk over the keys as nested objects. `name` has `length` letters. */
typedef struct {
    snas_text *text;
    const snas_config *config;
    void (*leaf)(snas_text *text, const snas_config_key *key, const char *name, const snas_config *config);
    void (*open)(snas_text *text, const char *path, const char *name, int length);
    const char *close; /* after an object's members */
    int spaces;        /* of the first level */
    int step;          /* more a level */
} walk;

static void separate(const walk *w, int level)
{
    snas_text_next(w->text, ",");
    snas_text_add(w->text, "\n%*s", w->spaces + w->step * level, "");
}

static bool is_written(const walk *w, const snas_config_key *key)
{
    return w->config == NULL || key->fallback != NULL;
}

static void walk_keys(const walk *w, int from, int to, size_t prefix, int level)
{
    for (int i = from; i < to;) {
        const char *name = snas_config_keys[i].path + prefix;
        const size_t length = strcspn(name, ".");
        if (name[length] == 0) {
            if (is_written(w, &snas_config_keys[i])) {
                separate(w, level);
                w->leaf(w->text, &snas_config_keys[i], name, w->config);
            }
            i++;
            continue;
        }
        int end = i + 1;
        while (end < to && strncmp(snas_config_keys[end].path, snas_config_keys[i].path, prefix + length + 1) == 0) {
            end++;
        }
        separate(w, level);
        char path[128];
        snas_printable(path, sizeof path, snas_config_keys[i].path);
        path[prefix + length] = 0;
        w->open(w->text, path, name, (int)length);
        walk_keys(w, i, end, prefix + length + 1, level + 1);
        snas_text_add(w->text, "\n%*s%s", w->spaces + w->step * level, "", w->close);
        i = end;
    }
}

/* --- resolved JSON ------------------------------------------------------------------------------------------------ */

static void value_leaf(snas_text *text, const snas_config_key *key, const char *name, const snas_config *config)
{
    snas_text_add(text, "\"%s\": ", name);
    config_value_write(text, key, config);
}

static void value_open(snas_text *text, const char *path, const char *name, int length)
{
    (void)path;
    snas_text_add(text, "\"%.*s\": {", length, name);
}

snas_status config_write(snas_arena *mem, const snas_config *config, const char **out)
{
    snas_text text = snas_text_make(mem);
    snas_text_add(&text, "{");
    const walk w = {
        .text = &text, .config = config, .leaf = value_leaf, .open = value_open, .close = "}", .spaces = 2, .step = 2};
    walk_keys(&w, 0, snas_config_key_count, 0, 0);
    snas_text_add(&text, "\n}\n");
    *out = text.data;
    return snas_text_done(&text);
}

/* --- JSON Schema -------------------------------------------------------------------------------------------------- */

static const char *section_help(const char *path)
{
    for (const snas_config_section *s = snas_config_sections; s->path != NULL; s++) {
        if (strcmp(s->path, path) == 0) {
            return s->help;
        }
    }
    return "";
}

static void schema_range(snas_text *text, const snas_config_key *key)
{
    snas_text_add(text, ", \"%s\": ", key->open ? "exclusiveMinimum" : "minimum");
    add_number(text, key->minimum);
    snas_text_add(text, ", \"%s\": ", key->below ? "exclusiveMaximum" : "maximum");
    add_number(text, key->maximum);
}

static void schema_type(snas_text *text, const snas_config_key *key)
{
    switch (key->kind) {
    case SNAS_KEY_COUNT:
        if (key->among[0] != 0) {
            snas_text_add(text, "\"enum\": [");
            add_among(text, key);
            snas_text_add(text, "]");
            break;
        }
        snas_text_add(text, "\"type\": \"integer\"");
        schema_range(text, key);
        snas_text_add(text, "%s", key->even ? ", \"multipleOf\": 2" : "");
        break;
    case SNAS_KEY_REAL:
        snas_text_add(text, key->nullable ? "\"type\": [\"number\", \"null\"]" : "\"type\": \"number\"");
        schema_range(text, key);
        break;
    case SNAS_KEY_BOOL:
        snas_text_add(text, "\"type\": \"boolean\"");
        break;
    case SNAS_KEY_NAME:
        snas_text_add(text, "\"enum\": [");
        for (int i = 0; key->names->at(i) != NULL; i++) {
            snas_text_next(text, ", ");
            snas_text_add_json(text, key->names->at(i));
        }
        snas_text_add(text, "%s]", key->nullable ? ", null" : "");
        break;
    case SNAS_KEY_STRING:
        snas_text_add(text, "\"type\": [\"string\", \"null\"], \"minLength\": 1");
        break;
    case SNAS_KEY_COLOURS:
        snas_text_add(text, "\"type\": [\"array\", \"null\"], \"minItems\": 3, \"maxItems\": 3, "
                            "\"items\": {\"type\": \"number\"");
        schema_range(text, key);
        snas_text_add(text, "}");
        break;
    default:
        snas_text_add(text, "\"type\": [\"integer\", \"string\"], \"minimum\": 0, "
                            "\"maximum\": 9007199254740992, \"pattern\": \"^[0-9]+$\"");
    }
}

/* The help; and the defaults that hold in some search spaces alone: "...; default 0 in the space nas-bench-201". */
static void add_description(snas_text *text, const snas_config_key *key)
{
    snas_text words = snas_text_make(text->mem);
    snas_text_add(&words, "%s", key->help);
    for (const snas_space_default *d = key->in_space; d != NULL && d->space != NULL; d++) {
        snas_text_add(&words, "; default %s in the space %s", d->fallback, d->space);
    }
    text->failed = text->failed || words.failed;
    if (!words.failed) {
        snas_text_add_json(text, words.data);
    }
}

static void schema_leaf(snas_text *text, const snas_config_key *key, const char *name, const snas_config *config)
{
    (void)config;
    snas_text_add(text, "\"%s\": {", name);
    schema_type(text, key);
    if (key->fallback != NULL) {
        snas_text_add(text, ", \"default\": %s", key->fallback);
    }
    snas_text_add(text, ", \"description\": ");
    add_description(text, key);
    snas_text_add(text, "}");
}

static void schema_open(snas_text *text, const char *path, const char *name, int length)
{
    snas_text_add(text, "\"%.*s\": {\"type\": \"object\", \"additionalProperties\": false, \"description\": ", length,
                  name);
    snas_text_add_json(text, section_help(path));
    snas_text_add(text, ", \"properties\": {");
}

snas_status snas_config_schema_json(snas_arena *mem, const char **out)
{
    snas_text text = snas_text_make(mem);
    snas_text_add(&text, "{\n"
                         "  \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n"
                         "  \"title\": \"snas config\",\n"
                         "  \"description\": \"Made by `snas config schema`.\",\n"
                         "  \"type\": \"object\",\n"
                         "  \"additionalProperties\": false,\n"
                         "  \"properties\": {\n"
                         "    \"$schema\": {\"type\": \"string\"}");
    const walk w = {.text = &text, .leaf = schema_leaf, .open = schema_open, .close = "}}", .spaces = 4, .step = 2};
    walk_keys(&w, 0, snas_config_key_count, 0, 0);
    snas_text_add(&text, "\n  }\n}\n");
    *out = text.data;
    return snas_text_done(&text);
}

/* --- Markdown ----------------------------------------------------------------------------------------------------- */

static void markdown_section(snas_text *text, const snas_config_section *section)
{
    const size_t length = strlen(section->path);
    snas_text_add(text, "\n## %s%s%s\n\n%s\n\n", length == 0 ? "Top level" : "`", section->path, length == 0 ? "" : "`",
                  section->help);
    snas_text_add(text, "| key | default | allowed | meaning |\n|---|---|---|---|\n");
    for (int i = 0; i < snas_config_key_count; i++) {
        const snas_config_key *key = &snas_config_keys[i];
        const char *dot = strrchr(key->path, '.');
        const size_t own = dot == NULL ? 0 : (size_t)(dot - key->path);
        if (own != length || strncmp(key->path, section->path, length) != 0) {
            continue;
        }
        snas_text_add(text, "| `%s` | ", key->path);
        if (key->fallback != NULL) {
            snas_text_add(text, "`%s`", key->fallback);
        }
        for (const snas_space_default *d = key->in_space; d != NULL && d->space != NULL; d++) {
            snas_text_add(text, "; `%s` in the space `%s`", d->fallback, d->space);
        }
        snas_text_add(text, " | ");
        snas_config_allowed(text, key);
        snas_text_add(text, " | %s%s |\n", key->help, key->resumable ? ". May change when a run is resumed" : "");
    }
}

static void add_quoted(snas_text *text, const char *const *names)
{
    for (int i = 0; names[i] != NULL; i++) {
        snas_text_add(text, "%s`%s`", i == 0 ? "" : ", ", names[i]);
    }
}

/* Which method, estimator and level go together. */
static void markdown_methods(snas_text *text)
{
    snas_text_add(text,
                  "\n### Methods\n\nWhat goes together; anything else is a fault. The first of a list is what null "
                  "stands for. What each does:\n[mathematics.md](mathematics.md).\n\n"
                  "| `search.method` | `search.estimator` | `search.level` | |\n|---|---|---|---|\n");
    for (const snas_search_method *m = snas_search_methods; m->name != NULL; m++) {
        snas_text_add(text, "| `%s` | ", m->name);
        add_quoted(text, m->estimators);
        snas_text_add(text, " | ");
        add_quoted(text, m->levels);
        snas_text_add(text, " | %s |\n", m->brief);
    }
    snas_text_add(text, "\n| level | |\n|---|---|\n");
    for (int i = 0; i < SNAS_LEVEL_COUNT; i++) {
        snas_text_add(text, "| `%s` | %s |\n", snas_search_levels[i].name, snas_search_levels[i].brief);
    }
}

snas_status snas_config_schema_markdown(snas_arena *mem, const char **out)
{
    snas_text text = snas_text_make(mem);
    snas_text_add(&text, "# Configuration\n\n"
                         "A config is a JSON file; a key that it leaves out takes its default. "
                         "`--set key.path=value` goes over\n"
                         "the file, the file over the defaults. The defaults are the published "
                         "ones. A search space may have\n"
                         "a default of its own: it counts where neither the file nor `--set` names the "
                         "key, in any order.\n"
                         "`snas config check FILE` checks a file and prints it resolved. "
                         "`--resume RUN --set key.path=value`\n"
                         "changes a key of a run that has begun, where the table says that it may "
                         "change. This page is made by\n"
                         "`snas config schema --markdown`.\n");
    for (const snas_config_section *s = snas_config_sections; s->path != NULL; s++) {
        markdown_section(&text, s);
        if (strcmp(s->path, "search") == 0) {
            markdown_methods(&text);
        }
    }
    *out = text.data;
    return snas_text_done(&text);
}
