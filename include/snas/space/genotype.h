/* genotype.h -- an architecture: for every node of every cell type, its operations and their sources. */
#ifndef SNAS_SPACE_GENOTYPE_H
#define SNAS_SPACE_GENOTYPE_H

#include <stdbool.h>

#include "snas/base/arena.h"
#include "snas/base/file.h"
#include "snas/space/space.h"

enum { SNAS_GENES_MAX = 16 };

typedef struct {
    int candidate; /* index in the space */
    int source;    /* state: 0..inputs-1 the inputs, then the nodes */
} snas_gene;

typedef struct {
    int count; /* a node without genes is zero */
    snas_gene genes[SNAS_GENES_MAX];
} snas_genes;

typedef struct {
    const snas_space *space;
    snas_genes nodes[SNAS_CELL_TYPES_MAX][SNAS_NODES_MAX];
    bool pool_bn;         /* batch norm after pools: true for SNAS's child, false for DARTS' */
    const char *origin;   /* where it came from, one sentence; NULL when not known */
    const char *division; /* how the pictures of its search were divided into parts; NULL: not by the search */
} snas_genotype;

/** How a genotype is chosen from probabilities p[type][edge][candidate]. */
typedef enum {
    SNAS_RULE_EDGE,  /* argmax of every edge, `none` among the choices (SNAS; the default) */
    SNAS_RULE_TOP2,  /* per node the two edges of largest maximum, `none` allowed */
    SNAS_RULE_DARTS, /* per node the two edges of largest maximum over the others than `none`, `none` never chosen */
    SNAS_RULE_COUNT
} snas_rule;
extern const char *const snas_rule_names[SNAS_RULE_COUNT]; /* "edge", "top2", "darts" */

/** What a rule allows. */
typedef struct {
    int keep;          /* edges that a node keeps; all where it has no more */
    bool without_none; /* `none` cannot be chosen */
} snas_rule_row;
extern const snas_rule_row snas_rule_rows[SNAS_RULE_COUNT];

/** Derive a genotype from `p`, [types][E][K] row-major probabilities. Ties go to the lower index; genes are ordered by
 *  source. `pool_bn` becomes true. */
snas_genotype snas_genotype_derive(const snas_space *space, const double *p, snas_rule rule);

/** The one-hot weights [types][E][K] of a genotype whose nodes have at most one gene a source (all that snas derives);
 *  edges that are not in it are all zero. */
void snas_genotype_one_hot(const snas_genotype *genotype, double *z);

/** used [types][E]: the edges that have a part in their cell's output. Not used are `none`, what reads a node that
 *  nothing but `none` leads to, and, where the output is the last node alone, what leads to a node that only `none`
 *  reads. */
void snas_genotype_used(const snas_genotype *genotype, bool *used);

/** because [E]: of a genotype with a gene for every edge, the edges of that cell type whose `none` makes the edge from
 *  `source` to `node` unused: as long as they are `none` it stays so, whatever the others are. None for a used edge. */
void snas_genotype_why_unused(const snas_genotype *genotype, int type, int source, int node, bool *because);

/** Parse a genotype: our JSON, DARTS text (8 pairs a cell, both spellings of the concat), the 14-edge text of SNAS or
 *  the line of NAS-Bench-201, recognised by their content. `name` is for messages. SNAS_E_DATA with a sentence on any
 *  fault. */
SNAS_MUST_CHECK snas_status snas_genotype_parse(snas_arena *mem, const char *name, snas_bytes text, snas_genotype *out);

/** The genotype that a user names: by its line of NAS-Bench-201 ("|skip_connect~0|+|..."), as a built-in architecture
 *  ("DARTS_V2"), or else as a file. SNAS_E_USAGE when there is none of that name, or the line is wrong. */
SNAS_MUST_CHECK snas_status snas_genotype_load(snas_arena *mem, const char *named, snas_genotype *out);

typedef enum {
    SNAS_GENOTYPE_JSON,
    SNAS_GENOTYPE_EDGE_ALL,
    SNAS_GENOTYPE_DARTS,
    SNAS_GENOTYPE_NAS_BENCH_201,
    SNAS_GENOTYPE_FORMAT_COUNT
} snas_genotype_format;
/** "json", "edge-all", "darts", "nas-bench-201" */
extern const char *const snas_genotype_format_names[SNAS_GENOTYPE_FORMAT_COUNT];

/** The genotype as a text in the arena, ending in a newline. A text is for its own space only; DARTS text needs two
 *  genes a node, edge-all a gene for every edge, the line of NAS-Bench-201 at most one an edge: else SNAS_E_USAGE with
 *  a sentence that says what is missing. */
SNAS_MUST_CHECK snas_status snas_genotype_write(snas_arena *mem, const snas_genotype *genotype,
                                                snas_genotype_format format, const char **out);

/** Names of the built-in architectures, NULL-terminated, and their rows. */
typedef struct {
    const char *name;
    const char *text; /* in any form that snas_genotype_parse reads */
    bool pool_bn;
    const char *origin;
} snas_known_genotype;
extern const snas_known_genotype snas_known_genotypes[]; /* ends with name NULL */

#endif
