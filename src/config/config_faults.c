/* config_faults.c -- what is said of a wrong config: a line a fault, its place, what was found, what is allowed. */
#include <string.h>

#include "reader.h"

enum { FAULTS_MAX = 20, WORD_MAX = 96 };

bool config_section_is(const char *path)
{
    for (const snas_config_section *s = snas_config_sections; s->path != NULL; s++) {
        if (strcmp(s->path, path) == 0) {
            return true;
        }
    }
    return false;
}

/* --- saying what is wrong ----------------------------------------------------------------------------------------- */

bool config_fault_begins(config_reader *r, const char *where, const char *path)
{
    r->fault_count++;
    if (r->fault_count > FAULTS_MAX) {
        return false;
    }
    char safe[WORD_MAX];
    snas_text_add(&r->faults, "\n%s: %s: ", where, snas_printable(safe, sizeof safe, path));
    return true;
}

const char *config_place(config_reader *r, int line, int column)
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

void config_fault_value(config_reader *r, const snas_config_key *key, const snas_json *value)
{
    if (!config_fault_begins(r, config_place(r, value->line, value->column), key->path)) {
        return;
    }
    snas_text_add(&r->faults, "found ");
    add_found(&r->faults, value);
    const char *near = NULL;
    if (key->kind == SNAS_KEY_NAME && value->kind == SNAS_JSON_STRING) {
        near = snas_nearest(value->string, choice_at, key->names, config_names_count(key->names));
    }
    if (near != NULL) {
        snas_text_add(&r->faults, "; did you mean '%s'? allowed ", near);
    } else {
        snas_text_add(&r->faults, ", allowed ");
    }
    snas_config_allowed(&r->faults, key);
}

/* --- what stands in a section ------------------------------------------------------------------------------------- */

/* The names of a section's members, without repetition. */
typedef struct {
    int count;
    const char *names[CONFIG_KEYS_MAX];
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

void config_fault_unknown(config_reader *r, const char *where, const char *path)
{
    if (!config_fault_begins(r, where, path)) {
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
        if (!config_section_is(head)) {
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
        snas_text_add(&r->faults, "; did you mean '%s%s%s'? allowed ", section, section[0] ? "." : "", near);
    } else if (other != NULL) {
        snas_text_add(&r->faults, "; did you mean '%s'? allowed ", other);
    } else {
        snas_text_add(&r->faults, ", allowed ");
    }
    add_members(&r->faults, &all);
}

void config_fault_section(config_reader *r, const char *path, const snas_json *value)
{
    if (!config_fault_begins(r, config_place(r, value->line, value->column), path)) {
        return;
    }
    members all;
    section_members(r->mem, path, &all);
    snas_text_add(&r->faults, "found ");
    add_found(&r->faults, value);
    snas_text_add(&r->faults, ", allowed an object with ");
    add_members(&r->faults, &all);
}

snas_status config_fault_report(config_reader *r)
{
    SNAS_TRY(snas_text_done(&r->faults));
    if (r->fault_count > FAULTS_MAX) {
        snas_text_add(&r->faults, "\n... and %d more", r->fault_count - FAULTS_MAX);
    }
    return r->fault_count == 0 ? SNAS_OK
                               : snas_fail(SNAS_E_USAGE, "%d fault%s in the config%s", r->fault_count,
                                           r->fault_count == 1 ? "" : "s", r->faults.data);
}
