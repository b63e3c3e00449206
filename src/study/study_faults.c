/* study_faults.c -- what is said of a wrong study: a line a fault, its place, what was found, what is allowed. */
#include <stdarg.h>
#include <string.h>

#include "snas/base/sentence.h"
#include "study_reader.h"

enum { FAULTS_MAX = 20, WORD_MAX = 96, LINE_MAX_BYTES = 1024, NAMES_MAX = 16 };

bool study_fault_begins(study_reader *r, const snas_json *value, const char *key)
{
    char shown[LINE_MAX_BYTES];
    r->fault_count++;
    if (r->fault_count > FAULTS_MAX) {
        return false;
    }
    snas_text_add(&r->faults, "\n%s:%d:%d: %s: ", snas_printable(shown, sizeof shown, r->study->path), value->line,
                  value->column, key);
    return true;
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
        snas_text_add(text, "%s%s", value->count == 0 && value->kind != SNAS_JSON_NULL ? "an empty one of " : "",
                      snas_json_kind_name(value->kind));
    }
}

void study_fault_value(study_reader *r, const snas_json *value, const char *key, const char *allowed)
{
    if (study_fault_begins(r, value, key)) {
        snas_text_add(&r->faults, "found ");
        add_found(&r->faults, value);
        snas_text_add(&r->faults, ", allowed %s", allowed);
    }
}

void study_fault(study_reader *r, const snas_json *value, const char *key, const char *format, ...)
{
    char line[LINE_MAX_BYTES];
    va_list values;
    va_start(values, format);
    (void)snas_sentence(line, sizeof line, format, values);
    va_end(values);
    if (study_fault_begins(r, value, key)) {
        snas_text_add(&r->faults, "%s", line);
    }
}

/* Is the line of `size` bytes among those that are there? */
static bool is_said(const study_reader *r, const char *line, size_t size)
{
    for (const char *at = r->faults.data; at != NULL && *at == '\n'; at += strcspn(at, "\n")) {
        at++;
        if (strcspn(at, "\n") == size && memcmp(at, line, size) == 0) {
            return true;
        }
    }
    return false;
}

/* The sentence's first line only counts the faults. */
void study_fault_config(study_reader *r)
{
    const char *sentence = snas_format(r->mem, "%s", snas_error());
    const char *at = sentence == NULL ? NULL : strchr(sentence, '\n');
    if (at == NULL && sentence != NULL) {
        r->fault_count++;
        snas_text_add(&r->faults, "\n%s", sentence);
    }
    for (; at != NULL; at = strchr(at, '\n')) {
        const size_t size = strcspn(++at, "\n");
        if (is_said(r, at, size) || ++r->fault_count > FAULTS_MAX) {
            continue;
        }
        snas_text_add(&r->faults, "\n");
        snas_text_add_bytes(&r->faults, at, size);
    }
    snas_error_clear();
}

/* The words of a list with ", " between them. */
typedef struct {
    const char *at[NAMES_MAX];
    int count;
} names;

static const char *name_at(const void *context, int i)
{
    return ((const names *)context)->at[i];
}

/* The line about a key that is none of `all`. */
static void refuse_key(study_reader *r, const snas_json *member, const names *all, const char *allowed)
{
    char safe[WORD_MAX];
    const snas_json place = {.line = member->key_line, .column = member->key_column};
    const char *near = snas_nearest(member->key, name_at, all, all->count);
    if (!study_fault_begins(r, &place, snas_printable(safe, sizeof safe, member->key))) {
        return;
    }
    snas_text_add(&r->faults, "found the unknown key '%s'", safe);
    if (near != NULL) {
        snas_text_add(&r->faults, "; did you mean '%s'? allowed %s", near, allowed);
    } else {
        snas_text_add(&r->faults, ", allowed %s", allowed);
    }
}

void study_check_keys(study_reader *r, const snas_json *object, const char *allowed)
{
    names all = {0};
    for (const char *at = allowed; at != NULL && all.count < NAMES_MAX; at = strstr(at, ", ")) {
        at += strspn(at, ", ");
        const char *name = snas_format(r->mem, "%.*s", (int)strcspn(at, ","), at);
        if (name != NULL) {
            all.at[all.count++] = name;
        }
    }
    for (const snas_json *m = object->first; m != NULL; m = m->next) {
        bool known = strcmp(m->key, "$schema") == 0; /* for editors */
        for (int i = 0; !known && i < all.count; i++) {
            known = strcmp(m->key, all.at[i]) == 0;
        }
        if (!known) {
            refuse_key(r, m, &all, allowed);
        }
    }
}

snas_status study_fault_report(study_reader *r)
{
    SNAS_TRY(snas_text_done(&r->faults));
    if (r->fault_count == 0) {
        return SNAS_OK;
    }
    if (r->fault_count > FAULTS_MAX) {
        snas_text_add(&r->faults, "\n... and %d more", r->fault_count - FAULTS_MAX);
    }
    return snas_fail(SNAS_E_USAGE, "%d fault%s in the study%s", r->fault_count, r->fault_count == 1 ? "" : "s",
                     r->faults.data);
}
