/* reader.h -- a config that is being read: what has set every key so far, and what is wrong with it. */
#ifndef SNAS_CONFIG_READER_H
#define SNAS_CONFIG_READER_H

#include "fields.h"

enum { CONFIG_KEYS_MAX = 160 };

typedef struct {
    snas_arena *mem;
    snas_config *config;
    const char *source;                 /* file name, or "--set" */
    bool has_lines;                     /* positions within the source mean something */
    int rank;                           /* of the source: 0 the defaults, 1 the file, 2 and on the --set texts */
    int ranks[CONFIG_KEYS_MAX];         /* of what has set each key */
    const char *where[CONFIG_KEYS_MAX]; /* its place */
    bool checks_networks;
    snas_text *changes; /* of a run that has begun: what --set makes of its config; NULL: no such run */
    snas_text faults;
    int fault_count;
} config_reader;

bool config_section_is(const char *path);

/** "file:line:column", or the source where it has no lines. */
const char *config_place(config_reader *reader, int line, int column);

/** Begin a line of the report: "where: path: ", to be gone on with in reader->faults. False when there are enough. */
bool config_fault_begins(config_reader *reader, const char *where, const char *path);

/** A line: the value is none that the key allows; the path is no key; the section is no object. */
void config_fault_value(config_reader *reader, const snas_config_key *key, const snas_json *value);
void config_fault_unknown(config_reader *reader, const char *where, const char *path);
void config_fault_section(config_reader *reader, const char *path, const snas_json *value);

/** SNAS_OK without a fault, else SNAS_E_USAGE with all lines. */
SNAS_MUST_CHECK snas_status config_fault_report(config_reader *reader);

/** What null stands for in search.estimator and search.level, and a line for what does not go with the method. */
void config_settle_method(config_reader *reader);

/** A line for every two keys that do not go together. */
void config_check(config_reader *reader);

/** A line for everything that the networks and their pictures refuse, as far as the config alone tells it. */
void config_check_networks(config_reader *reader);

#endif
