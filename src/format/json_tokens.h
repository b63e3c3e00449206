/* json_tokens.h -- the values of a JSON text in document order, each with its place: what cJSON neither checks nor
 * tells. */
#ifndef SNAS_FORMAT_JSON_TOKENS_H
#define SNAS_FORMAT_JSON_TOKENS_H

#include <stddef.h>

#include "snas/format/json.h"

typedef struct {
    snas_json_kind kind;
    int line, column;         /* of the value */
    int key_line, key_column; /* of its key's opening quote; 0 without a key */
    bool is_integer;          /* a number that is whole, at most 2^53 */
} format_token;

typedef struct {
    format_token *tokens; /* a value stands before its children */
    int count;
} format_tokens;

/** Check the text and list its values. SNAS_E_DATA: "name:line:column: what is wrong". */
SNAS_MUST_CHECK snas_status format_json_tokens(snas_arena *mem, const char *name, snas_bytes text, format_tokens *out);

/** SNAS_E_DATA: "name:line:column: problem", printf form. */
snas_status format_json_fail(const char *name, int line, int column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
