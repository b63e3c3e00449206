/* study_reader.h -- a study that is being read, and what is wrong with it. Private to the room. */
#ifndef SNAS_STUDY_STUDY_READER_H
#define SNAS_STUDY_STUDY_READER_H

#include "snas/base/text.h"
#include "snas/format/json.h"
#include "snas/study/study.h"

enum { STUDY_VARIANTS_MAX = 200, STUDY_SEEDS_MAX = 1000, STUDY_NAME_MAX = 120 };

typedef struct {
    snas_arena *mem;
    snas_study *study;
    const char *folder;       /* of the file: what it names is found from there; "" for the present one */
    snas_config_layer config; /* the base of all variants */
    bool has_config;
    bool trains_given, trains;
    int room; /* of study->variants */
    snas_text faults;
    int fault_count;
} study_reader;

/** A line of the report: "file:line:column: key: ", to be gone on with in reader->faults. False: there are enough. */
bool study_fault_begins(study_reader *reader, const snas_json *value, const char *key);

/** The line "found X, allowed Y" about a value. */
void study_fault_value(study_reader *reader, const snas_json *value, const char *key, const char *allowed);

/** The line of a fault of another kind. */
void study_fault(study_reader *reader, const snas_json *value, const char *key, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** The lines of a config's faults, those of the recorded sentence, but for lines that are there already. */
void study_fault_config(study_reader *reader);

/** A line for every key of the object that is none of `allowed`, names with ", " between them. */
void study_check_keys(study_reader *reader, const snas_json *object, const char *allowed);

/** SNAS_OK without a fault, else SNAS_E_USAGE with all lines. */
SNAS_MUST_CHECK snas_status study_fault_report(study_reader *reader);

/** A path of the study's file, seen from here. */
const char *study_path(study_reader *reader, const char *path);

/** One more variant, checked: its name is good and new. `at`: for messages, with the key there. */
SNAS_MUST_CHECK snas_status study_add(study_reader *reader, const snas_json *at, const char *key,
                                      const snas_variant *variant);

/** The searches: those of `grid` and of `variants`, each NULL when not given; and one alone, of the config itself. */
SNAS_MUST_CHECK snas_status study_read_searches(study_reader *reader, const snas_json *grid, const snas_json *variants);
SNAS_MUST_CHECK snas_status study_add_lone_search(study_reader *reader, const snas_json *root);

/** The cells of `cells`, and random ones by `random_cells`, each NULL when not given. */
SNAS_MUST_CHECK snas_status study_read_cells(study_reader *reader, const snas_json *cells, const snas_json *random);

#endif
