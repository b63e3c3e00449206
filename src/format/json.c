/* json.c -- JSON read strictly: the tokenizer's places and cJSON's values, walked side by side into one tree.
 *
 * Both list the values in document order, parents before children, so the i-th node met is the i-th token.
 */
#include "snas/format/json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "json_tokens.h"
#include "snas/base/text.h"

static void *cjson_alloc(size_t bytes)
{
    return snas_heap.alloc((bytes + 63) / 64 * 64);
}

static void cjson_release(void *memory)
{
    snas_heap.release(memory);
}

static void cjson_hooks(void)
{
    cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = cjson_alloc, .free_fn = cjson_release});
}

typedef struct {
    snas_arena *mem;
    const char *name;
    const format_tokens *tokens;
    int next; /* token of the next node */
} builder;

static int by_key(const void *a, const void *b)
{
    const snas_json *x = *(const snas_json *const *)a, *y = *(const snas_json *const *)b;
    const int order = strcmp(x->key, y->key);
    if (order != 0) {
        return order;
    }
    return x->key_line != y->key_line ? (x->key_line > y->key_line) - (x->key_line < y->key_line)
                                      : (x->key_column > y->key_column) - (x->key_column < y->key_column);
}

/* SNAS_E_DATA at the second of two members with one key. */
static snas_status check_twins(builder *b, const snas_json *object)
{
    const snas_json **members;
    int n = 0;
    SNAS_NEW(b->mem, members, object->count);
    for (const snas_json *m = object->first; m != NULL; m = m->next) {
        members[n++] = m;
    }
    qsort(members, (size_t)n, sizeof *members, by_key);
    for (int i = 1; i < n; i++) {
        if (strcmp(members[i - 1]->key, members[i]->key) == 0) {
            char shown[128];
            return format_json_fail(b->name, members[i]->key_line, members[i]->key_column,
                                    "the key '%s' is given twice, first in line %d",
                                    snas_printable(shown, sizeof shown, members[i]->key), members[i - 1]->key_line);
        }
    }
    return SNAS_OK;
}

static char *copied(snas_arena *mem, const char *text)
{
    const size_t size = strlen(text) + 1;
    char *to = snas_arena_take(mem, size, 1);
    return to == NULL ? NULL : memcpy(to, text, size);
}

/* The node's own value; children come after. */
static snas_status fill_value(builder *b, const cJSON *from, snas_json *node)
{
    if (node->kind == SNAS_JSON_BOOL) {
        node->number = cJSON_IsTrue(from) ? 1 : 0;
    } else if (node->kind == SNAS_JSON_NUMBER) {
        node->number = from->valuedouble;
        if (!isfinite(node->number)) {
            return format_json_fail(b->name, node->line, node->column, "a number too big for a double");
        }
    } else if (node->kind == SNAS_JSON_STRING) {
        node->string = copied(b->mem, from->valuestring);
        return snas_taken(node->string);
    }
    return SNAS_OK;
}

static snas_status build(builder *b, const cJSON *from, const snas_json *parent, snas_json **out)
{
    if (b->next == b->tokens->count) {
        return format_json_fail(b->name, 1, 1, "a text on which two readers disagree");
    }
    const format_token *token = &b->tokens->tokens[b->next++];
    snas_json *node;
    SNAS_NEW(b->mem, node, 1);
    *node = (snas_json){.kind = token->kind,
                        .is_integer = token->is_integer,
                        .line = token->line,
                        .column = token->column,
                        .key_line = token->key_line,
                        .key_column = token->key_column,
                        .parent = parent};
    *out = node;
    if (token->key_line > 0) {
        node->key = copied(b->mem, from->string);
        SNAS_TRY(snas_taken(node->key));
    }
    SNAS_TRY(fill_value(b, from, node));
    const snas_json **link = &node->first;
    for (const cJSON *child = from->child; child != NULL; child = child->next) {
        snas_json *made;
        SNAS_TRY(build(b, child, node, &made));
        *link = made;
        link = &made->next;
        node->count++;
    }
    return node->kind == SNAS_JSON_OBJECT && node->count > 1 ? check_twins(b, node) : SNAS_OK;
}

snas_status snas_json_parse(snas_arena *mem, const char *name, snas_bytes text, const snas_json **out)
{
    static pthread_once_t hooks_once = PTHREAD_ONCE_INIT;
    const size_t mark = snas_bom_size(text.data, text.size);
    text = (snas_bytes){.data = (const char *)text.data + mark, .size = text.size - mark};
    *out = NULL;
    format_tokens tokens;
    SNAS_TRY(format_json_tokens(mem, name, text, &tokens));
    pthread_once(&hooks_once, cjson_hooks);
    cJSON *document = cJSON_ParseWithLength(text.data, text.size);
    if (document == NULL) { /* the text is good JSON, so what cJSON lacked is memory */
        return snas_fail(SNAS_E_MEMORY, "out of memory: %zu bytes of JSON cannot be read", text.size);
    }
    builder b = {.mem = mem, .name = name, .tokens = &tokens};
    snas_json *root;
    const snas_status status = build(&b, document, NULL, &root);
    cJSON_Delete(document);
    if (status == SNAS_OK) {
        *out = root;
    }
    return status;
}

snas_status snas_json_load(snas_arena *mem, const char *path, const snas_json **out)
{
    snas_bytes text;
    *out = NULL;
    SNAS_TRY(snas_file_read(mem, path, SNAS_JSON_BYTES_MAX, &text));
    return snas_json_parse(mem, path, text, out);
}

const snas_json *snas_json_find(const snas_json *object, const char *key)
{
    if (object == NULL || object->kind != SNAS_JSON_OBJECT) {
        return NULL;
    }
    const snas_json *member = object->first;
    while (member != NULL && strcmp(member->key, key) != 0) {
        member = member->next;
    }
    return member;
}

const char *snas_json_kind_name(snas_json_kind kind)
{
    static const char *const NAMES[] = {
        [SNAS_JSON_NULL] = "null",       [SNAS_JSON_BOOL] = "true or false", [SNAS_JSON_NUMBER] = "a number",
        [SNAS_JSON_STRING] = "a string", [SNAS_JSON_ARRAY] = "an array",     [SNAS_JSON_OBJECT] = "an object",
    };
    return NAMES[kind];
}
