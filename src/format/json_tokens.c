/* json_tokens.c -- a strict JSON checker (RFC 8259) that notes where every value stands.
 *
 * It recurses once a level, and the depth is bounded. Columns count characters, not bytes.
 */
#include "json_tokens.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "json_string.h"
#include "snas/base/text.h"
#include "snas/format/foreign.h"

enum { NUMBER_BYTES_MAX = 60 }; /* cJSON reads numbers through a buffer of 63 bytes */

typedef struct {
    snas_arena *mem;
    const char *name;
    const char *at, *end;
    int line;
    int column;       /* of `seen`, a place in the current line at or before `at` */
    const char *seen; /* so that a long line is counted once, not once a value */
    int depth;
    format_tokens *out;
    int capacity;
} tokenizer;

snas_status format_json_fail(const char *name, int line, int column, const char *format, ...)
{
    char why[1024], shown[512];
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    return snas_fail(SNAS_E_DATA, "%s:%d:%d: %s", snas_printable(shown, sizeof shown, name), line, column, why);
}

/* Column of the current place, from 1. */
static int column_here(tokenizer *t)
{
    for (; t->seen < t->at; t->seen++) {
        t->column += ((unsigned char)*t->seen & 0xc0) != 0x80;
    }
    return t->column;
}

static snas_status fail_here(tokenizer *t, const char *problem)
{
    return format_json_fail(t->name, t->line, column_here(t), "%s", problem);
}

static void skip_space(tokenizer *t)
{
    for (; t->at < t->end; t->at++) {
        if (*t->at == '\n') {
            t->line++;
            t->column = 1;
            t->seen = t->at + 1;
        } else if (*t->at != ' ' && *t->at != '\t' && *t->at != '\r') {
            return;
        }
    }
}

/* The next byte that is not whitespace; 0 at the end. */
static char peek(tokenizer *t)
{
    skip_space(t);
    return (char)(t->at < t->end ? *t->at : '\0');
}

static snas_status unexpected(tokenizer *t, const char *wanted)
{
    char problem[128];
    const unsigned char byte = (unsigned char)peek(t);
    if (t->at == t->end) {
        snprintf(problem, sizeof problem, "the text ends where %s is wanted", wanted);
    } else if (byte > 32 && byte < 127) {
        snprintf(problem, sizeof problem, "'%c' stands where %s is wanted", byte, wanted);
    } else {
        snprintf(problem, sizeof problem, "byte 0x%02x stands where %s is wanted", byte, wanted);
    }
    return fail_here(t, problem);
}

/* A new token at the current place; its number in *index. */
static snas_status token_add(tokenizer *t, snas_json_kind kind, int *index)
{
    format_tokens *out = t->out;
    SNAS_GROW(t->mem, out->tokens, out->count, t->capacity);
    *index = out->count++;
    out->tokens[*index] = (format_token){.kind = kind, .line = t->line, .column = column_here(t)};
    return SNAS_OK;
}

static snas_status scan_string(tokenizer *t)
{
    const char *problem = format_json_string(&t->at, t->end, NULL);
    return problem == NULL ? SNAS_OK : fail_here(t, problem);
}

/* Digits from `from`; how many. */
static int digits(const tokenizer *t, const char *from)
{
    const char *at = from;
    while (at < t->end && *at >= '0' && *at <= '9') {
        at++;
    }
    return (int)(at - from);
}

/* number = [-] (0 | 1-9 digits) [. digits] [e [+-] digits] */
static snas_status scan_number(tokenizer *t, format_token *token)
{
    const char *start = t->at, *at = t->at;
    const char *problem = NULL;
    at += *at == '-';
    const int whole = digits(t, at);
    if (whole == 0 || (whole > 1 && *at == '0')) {
        problem = whole == 0 ? "a number without digits" : "a number with a leading zero";
    }
    at += whole;
    if (at < t->end && *at == '.') {
        const int fraction = digits(t, ++at);
        problem = problem == NULL && fraction == 0 ? "a number without digits after its point" : problem;
        at += fraction;
    }
    if (at < t->end && (*at == 'e' || *at == 'E')) {
        at++;
        at += at < t->end && (*at == '+' || *at == '-');
        const int exponent = digits(t, at);
        problem = problem == NULL && exponent == 0 ? "a number without digits in its exponent" : problem;
        at += exponent;
    }
    if (problem == NULL && at - start > NUMBER_BYTES_MAX) {
        problem = "a number of more than 60 characters";
    }
    if (problem != NULL) {
        return fail_here(t, problem);
    }
    int64_t value;
    token->is_integer = snas_whole(start, (size_t)(at - start), &value);
    t->at = at;
    return SNAS_OK;
}

static snas_status scan_value(tokenizer *t, int *index);

/* The items of an array or object whose opening bracket is at hand. */
static snas_status scan_list(tokenizer *t, char closing)
{
    const bool is_object = closing == '}';
    if (++t->depth > SNAS_JSON_DEPTH_MAX) {
        return fail_here(t, "nested too deep, allowed are 32 levels");
    }
    t->at++;
    bool more = peek(t) != closing;
    while (more) {
        int key_line = 0, key_column = 0, index;
        if (is_object) {
            if (peek(t) != '"') {
                return unexpected(t, "a key in double quotes");
            }
            key_line = t->line;
            key_column = column_here(t);
            SNAS_TRY(scan_string(t));
            if (peek(t) != ':') {
                return unexpected(t, "':'");
            }
            t->at++;
        }
        SNAS_TRY(scan_value(t, &index));
        t->out->tokens[index].key_line = key_line;
        t->out->tokens[index].key_column = key_column;
        more = peek(t) == ',';
        if (!more && peek(t) != closing) {
            return unexpected(t, is_object ? "',' or '}'" : "',' or ']'");
        }
        t->at += more;
    }
    t->at++;
    t->depth--;
    return SNAS_OK;
}

static const struct {
    const char *word;
    snas_json_kind kind;
} WORDS[] = {{"null", SNAS_JSON_NULL}, {"true", SNAS_JSON_BOOL}, {"false", SNAS_JSON_BOOL}};

static snas_status scan_word(tokenizer *t, int *index)
{
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        const size_t size = strlen(WORDS[i].word);
        if ((size_t)(t->end - t->at) >= size && memcmp(t->at, WORDS[i].word, size) == 0) {
            SNAS_TRY(token_add(t, WORDS[i].kind, index));
            t->at += size;
            return SNAS_OK;
        }
    }
    return unexpected(t, "a value");
}

static snas_status scan_value(tokenizer *t, int *index)
{
    const char first = peek(t);
    if (first == '{' || first == '[') {
        SNAS_TRY(token_add(t, first == '{' ? SNAS_JSON_OBJECT : SNAS_JSON_ARRAY, index));
        return scan_list(t, (char)(first == '{' ? '}' : ']'));
    }
    if (first == '"') {
        SNAS_TRY(token_add(t, SNAS_JSON_STRING, index));
        return scan_string(t);
    }
    if (first == '-' || (first >= '0' && first <= '9')) {
        SNAS_TRY(token_add(t, SNAS_JSON_NUMBER, index));
        return scan_number(t, &t->out->tokens[*index]);
    }
    return scan_word(t, index);
}

snas_status format_json_tokens(snas_arena *mem, const char *name, snas_bytes text, format_tokens *out)
{
    *out = (format_tokens){0};
    tokenizer t = {.mem = mem, .name = name, .at = text.data, .seen = text.data, .line = 1, .column = 1, .out = out};
    t.end = t.at + text.size;
    if (text.size > SNAS_JSON_BYTES_MAX) {
        return format_json_fail(name, 1, 1, "%zu bytes are too many, allowed are %d", text.size, SNAS_JSON_BYTES_MAX);
    }
    const char *foreign = snas_foreign(text);
    if (foreign != NULL) {
        return format_json_fail(name, 1, 1, "this is %s", foreign);
    }
    int root;
    SNAS_TRY(scan_value(&t, &root));
    skip_space(&t);
    return t.at == t.end ? SNAS_OK : fail_here(&t, "something follows the document");
}
