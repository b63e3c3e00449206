/* json.h -- JSON read strictly, with the line and column of every value.
 *
 * A tokenizer checks what cJSON is lenient about (UTF-8, duplicate keys, depth, strict numbers, size) and records
 * positions; cJSON supplies the values; both become one tree of nodes in the caller's arena.
 * Documents are written with snas_text.
 */
#ifndef SNAS_FORMAT_JSON_H
#define SNAS_FORMAT_JSON_H

#include <stdbool.h>

#include "snas/base/arena.h"
#include "snas/base/file.h"

enum { SNAS_JSON_DEPTH_MAX = 32, SNAS_JSON_BYTES_MAX = 1 << 20 };

typedef enum {
    SNAS_JSON_NULL,
    SNAS_JSON_BOOL,
    SNAS_JSON_NUMBER,
    SNAS_JSON_STRING,
    SNAS_JSON_ARRAY,
    SNAS_JSON_OBJECT
} snas_json_kind;

typedef struct snas_json snas_json;
struct snas_json {
    snas_json_kind kind;
    const char *key;          /* name within the parent object, else NULL */
    const char *string;       /* STRING: the value, UTF-8, no embedded 0; else NULL */
    double number;            /* NUMBER: the value, finite; BOOL: 0 or 1 */
    bool is_integer;          /* NUMBER: a whole one (3, 3.0, 3e0), |value| <= 2^53 */
    int count;                /* ARRAY, OBJECT: children */
    int line, column;         /* of the value's first character, from 1 */
    int key_line, key_column; /* of the key's opening quote, from 1; 0 without a key */
    const snas_json *first, *next, *parent;
};

/** Parse one document; a byte order mark before it is passed over. `name` is for messages ("file:line:column: ...").
 *  SNAS_E_DATA on any fault of the text. */
SNAS_MUST_CHECK snas_status snas_json_parse(snas_arena *mem, const char *name, snas_bytes text, const snas_json **out);

/** Read and parse a file. */
SNAS_MUST_CHECK snas_status snas_json_load(snas_arena *mem, const char *path, const snas_json **out);

/** Member of an object by its exact key, NULL when missing or when `object` is NULL or not an object. */
const snas_json *snas_json_find(const snas_json *object, const char *key);

/** Name of a kind for messages: "an object", "a string", ... */
const char *snas_json_kind_name(snas_json_kind kind);

#endif
