/* class_names.h -- matches the classes of a data set with those that a network was trained on, by name. */
#ifndef SNAS_LEARN_CLASS_NAMES_H
#define SNAS_LEARN_CLASS_NAMES_H

#include "snas/base/arena.h"
#include "snas/format/json.h"

/** Two lists of equal length, compared as JSON stores them (broken UTF-8 is replaced there). */
typedef struct {
    int classes;
    const char *const *known; /* [classes]: of the network */
    const char *const *found; /* [classes]: of the data set */
} snas_class_lists;

typedef struct {
    int *map;     /* [classes]: the network's class of the same name as the data set's class k; -1: there is none */
    bool same;    /* map[k] is k for all k */
    int stranger; /* the data set's first class that the network does not know; -1: it knows all */
    int lacking;  /* the network's first class that the data set does not have; -1: it has all */
} snas_class_match;

/** Match the lists. Equal names are matched in order. `out->map` is in `mem`. */
SNAS_MUST_CHECK snas_status snas_class_names_match(snas_arena *mem, const snas_class_lists *lists,
                                                   snas_class_match *out);

/** The names as a JSON list, for a file's metadata; NULL without names. In `mem`. */
SNAS_MUST_CHECK snas_status snas_class_names_write(snas_arena *mem, const char *const *names, int classes,
                                                   const char **out);

/** SNAS_E_DATA with a sentence that names the first class that differs, unless the names are those of `text`, which
 *  snas_class_names_write has put into the file `path`, in the same order. SNAS_OK when either is NULL. */
SNAS_MUST_CHECK snas_status snas_class_names_check(snas_arena *mem, const char *path, const char *text,
                                                   const char *const *names, int classes);

/** The names of a JSON list of `classes` texts; NULL when it is none. In `mem`. */
SNAS_MUST_CHECK snas_status snas_class_names_read(snas_arena *mem, const snas_json *list, int classes,
                                                  const char *const **out);

#endif
