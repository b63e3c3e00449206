/* study.h -- a study: variants of a config and named cells, each with several seeds, to be compared.
 *
 * Its file is a JSON object; docs/compare.md says what its keys mean. A variant is a search with values of its own laid
 * over the config, or a cell that is trained or only looked at. Everything lives in the arena that it was read into.
 */
#ifndef SNAS_STUDY_STUDY_H
#define SNAS_STUDY_STUDY_H

#include "snas/config/config.h"
#include "snas/space/genotype.h"

typedef enum {
    SNAS_VARIANT_SEARCH,
    SNAS_VARIANT_CELL,   /* one that the study names */
    SNAS_VARIANT_RANDOM, /* one that is drawn */
    SNAS_VARIANT_KINDS
} snas_variant_kind;
extern const char *const snas_variant_kind_names[SNAS_VARIANT_KINDS]; /* "search", "cell", "random" */

typedef struct {
    const char *name; /* letters, digits and . _ + = , - only: a part of its runs' folders */
    snas_variant_kind kind;
    bool trains;              /* the cell of every seed is trained from the start */
    snas_config config;       /* but for the seed */
    snas_genotype genotype;   /* CELL, RANDOM */
    int64_t parameters, macs; /* CELL, RANDOM: of the network that `train` builds of it; set by snas_study_draw */
} snas_variant;

/** Random cells to be drawn. */
typedef struct {
    int count;
    uint64_t seed;
    bool like_given;
    snas_genotype like; /* what they are to resemble: inputs of each node, parameters and multiply-adds */
    double within;      /* parameters and multiply-adds may differ from its by this share */
    const char *where;  /* place in the file, for messages */
} snas_random_cells;

typedef struct {
    const char *path, *name; /* of the file; its name without folder and ".json" */
    snas_rule rule;          /* by which cells are derived, and drawn */
    const uint64_t *seeds;
    int seed_count;
    snas_variant *variants; /* those of the grid, those that are named, cells, random cells */
    int variant_count;
    snas_random_cells random;
} snas_study;

/** Read a study's file with the config and the cells that it names. All faults are reported at once, 20 at most, each a
 *  line "file:line:column: key: ...". SNAS_E_USAGE on faults, SNAS_E_IO when a file cannot be read. Random cells have
 *  their variants, but no genotypes yet. */
SNAS_MUST_CHECK snas_status snas_study_read(snas_arena *mem, const char *path, snas_study *out);

/** Told while random cells are drawn: so many of them are found after so many tries. May be NULL. */
typedef void (*snas_study_drawing)(void *context, int found, int count, int tries);

/** Draw the random cells and count the networks of all cells. The data set is opened for the number of its classes.
 *  SNAS_E_FAILED with a sentence when too few random cells fit. */
SNAS_MUST_CHECK snas_status snas_study_draw(snas_arena *mem, snas_study *study, snas_study_drawing told, void *context);

/** The resolved study as JSON: what decides its runs, and so is kept in its folder. */
SNAS_MUST_CHECK snas_status snas_study_write(snas_arena *mem, const snas_study *study, const char **out);

/** Do the runs of `text`, a study that was written before, go on unchanged in this one? It may have more variants and
 *  seeds. SNAS_E_USAGE with a sentence that names the first difference; `name` is for messages. */
SNAS_MUST_CHECK snas_status snas_study_continues(snas_arena *mem, const snas_study *study, const char *name,
                                                 snas_bytes text);

#endif
