/* schema.h -- the config as one table: defaults, validation, JSON, JSON Schema and documents are generated from its
 * rows.
 *
 * A row is a key: its path, type, default, range, help, and its place in snas_config. A config that leaves a key out
 * takes the default, which may be another one in some search spaces. Precedence: --set over the file over the defaults;
 * the space is read first, wherever it is given.
 */
#ifndef SNAS_CONFIG_SCHEMA_H
#define SNAS_CONFIG_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "snas/base/arena.h"
#include "snas/base/text.h"

typedef enum {
    SNAS_KEY_COUNT,   /* int */
    SNAS_KEY_REAL,    /* double */
    SNAS_KEY_BOOL,    /* bool */
    SNAS_KEY_NAME,    /* one of `names` */
    SNAS_KEY_STRING,  /* const char *, or null */
    SNAS_KEY_SEED,    /* uint64_t: a number up to 2^53, or a string of digits */
    SNAS_KEY_COLOURS, /* snas_colours: three numbers, or null */
    SNAS_KEY_KINDS
} snas_config_kind;

typedef struct snas_config_names snas_config_names; /* the names that a key may take */

/** The default of a key in one search space. */
typedef struct {
    const char *space;    /* a value of search.space */
    const char *fallback; /* as JSON */
} snas_space_default;

enum { SNAS_AMONG_MAX = 4 };

typedef struct {
    const char *path; /* "search.weights.rate" */
    snas_config_kind kind;
    const char *fallback; /* the default as JSON; NULL: a shorthand, which has none and is not written out */
    const snas_space_default *in_space; /* where the default differs; ends with space NULL; NULL: nowhere */
    double minimum, maximum;            /* COUNT, REAL, COLOURS: what is allowed */
    int among[SNAS_AMONG_MAX];          /* COUNT: only these, ascending, 0 after them; none: all in the range */
    bool even;                          /* COUNT: only even numbers */
    bool nullable;                      /* NAME, REAL: null is allowed. A name is settled when all is read, a number
                                           is NaN then */
    bool open;                          /* REAL, COLOURS: the minimum itself is not allowed */
    bool below;                         /* REAL: the maximum itself is not allowed */
    size_t offset;                      /* of the field in snas_config */
    const snas_config_names *names;     /* NAME */
    const char *help;
    bool resumable; /* may change when a run is resumed */
} snas_config_key;

extern const snas_config_key snas_config_keys[]; /* keys of a section stand together */
extern const int snas_config_key_count;

/** Index of the key of that path, -1 when there is none. */
int snas_config_key_find(const char *path);

/** A section: its path and a sentence about it. Ends with path NULL. */
typedef struct {
    const char *path, *help;
} snas_config_section;
extern const snas_config_section snas_config_sections[];

/** The values that a key allows, in words: "a whole number, 1 to 1024". */
void snas_config_allowed(snas_text *text, const snas_config_key *key);

/** The i-th word that a key may be set to, a name of a table, true or false; NULL after the last, and where there is
 *  none to choose from. *about: what it means, or NULL. */
const char *snas_config_word(const snas_config_key *key, int i, const char **about);

/** The JSON Schema (draft-07), and the table for the documents. */
SNAS_MUST_CHECK snas_status snas_config_schema_json(snas_arena *mem, const char **out);
SNAS_MUST_CHECK snas_status snas_config_schema_markdown(snas_arena *mem, const char **out);

#endif
