/* schema.h -- the config as one table: from its rows come defaults, validator, JSON, JSON Schema and documents.
 *
 * A row is a key: its path, type, default, range, help, and its place in cli_settings. A config that leaves a key out
 * takes the default. Precedence: --set over the file over the defaults.
 */
#ifndef SNAS_CLI_SCHEMA_H
#define SNAS_CLI_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "snas/base/arena.h"
#include "snas/base/text.h"
#include "snas/format/json.h"
#include "snas/run/config.h"

/** What the table fills: the run's config, and what only a command needs to know. */
typedef struct {
    snas_config config;
    int preset; /* of search.resource.preset; -1 when none was given */
} cli_settings;

/** A set of names that a key may take, and how a name stands in a field. */
typedef struct {
    const char *title;                      /* for documents: "a search space" */
    const char *(*at)(int i);               /* the i-th name, NULL behind the last */
    const char *(*brief)(int i);            /* its help; NULL: no help of its own */
    void (*store)(void *field, int i);      /* put the i-th into the field */
    const char *(*name)(const void *field); /* name of what stands in the field, NULL for nothing */
} cli_names;

extern const cli_names cli_names_datasets, cli_names_spaces, cli_names_estimators, cli_names_rates,
    cli_names_temperatures, cli_names_validate, cli_names_optimizers, cli_names_methods, cli_names_terms,
    cli_names_forms, cli_names_presets, cli_names_labels, cli_names_stems, cli_names_broken;

/** lambda of preset i. */
double cli_preset_lambda(int i);

int cli_names_count(const cli_names *names);
/** Index of the exact name, -1 when there is none. */
int cli_names_find(const cli_names *names, const char *name);

typedef enum {
    CLI_COUNT,   /* int */
    CLI_REAL,    /* double */
    CLI_BOOL,    /* bool */
    CLI_NAME,    /* one of `names` */
    CLI_STRING,  /* const char *, or null */
    CLI_SEED,    /* uint64_t: a number up to 2^53, or a string of digits */
    CLI_COLOURS, /* snas_colours: three numbers, or null */
    CLI_KIND_COUNT
} cli_kind;

typedef struct {
    const char *path; /* "search.weights.rate" */
    cli_kind kind;
    const char *fallback;    /* the default as JSON; NULL: a shorthand, which has none and is not written out */
    double minimum, maximum; /* COUNT, REAL, COLOURS: what is allowed */
    bool open;               /* REAL, COLOURS: the minimum itself is not allowed */
    bool below;              /* REAL: the maximum itself is not allowed */
    size_t offset;           /* of the field in cli_settings */
    const cli_names *names;  /* NAME */
    const char *help;
} cli_key;

extern const cli_key cli_keys[]; /* keys of a section stand together */
extern const int cli_key_count;

/** What a section is about: its path and a sentence. Ends with path NULL. */
typedef struct {
    const char *path, *help;
} cli_section;
extern const cli_section cli_sections[];

/** Read defaults, then the file (NULL: none), then the --set texts "key.path=value" (value JSON, else a string). All
 *  faults are reported at once, 20 at most, each a line "file:line:column: key: found X, allowed Y". On success
 *  settings->config.text is the resolved config. Strings live in `mem`. SNAS_E_USAGE on faults, SNAS_E_IO when the file
 *  cannot be read. */
SNAS_MUST_CHECK snas_status cli_settings_load(snas_arena *mem, const char *path, const char *const *sets, int set_count,
                                              cli_settings *out);

/** The resolved config as JSON, two spaces an indent, keys in the order of the table. */
SNAS_MUST_CHECK snas_status cli_settings_write(snas_arena *mem, const cli_settings *settings, const char **out);

/** The JSON Schema (draft-07), and the table for the documents. */
SNAS_MUST_CHECK snas_status cli_schema_json(snas_arena *mem, const char **out);
SNAS_MUST_CHECK snas_status cli_schema_markdown(snas_arena *mem, const char **out);

/** Put a JSON value into the key's field; false when it is not allowed. */
bool cli_value_take(const cli_key *key, cli_settings *settings, const snas_json *value);

/** One value of a key as JSON, and what is allowed as words: "a whole number, 1 to 1024". */
void cli_value_write(snas_text *text, const cli_key *key, const cli_settings *settings);
void cli_allowed_write(snas_text *text, const cli_key *key);

#endif
