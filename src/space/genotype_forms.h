/* genotype_forms.h -- the forms of a genotype file, one reader and one writer each, and what they share.
 *
 * Readers fill nodes, space, pool_bn and origin of *out; `name` is for messages, "name:line:column: what is wrong".
 */
#ifndef SPACE_GENOTYPE_FORMS_H
#define SPACE_GENOTYPE_FORMS_H

#include "snas/base/text.h"
#include "snas/space/genotype.h"

/** Where a fault is, for messages; line and column from 1. */
typedef struct {
    const char *name;
    int line, column;
} space_spot;

SNAS_MUST_CHECK snas_status space_genotype_read_json(snas_arena *mem, const char *name, snas_bytes text,
                                                     snas_genotype *out);
SNAS_MUST_CHECK snas_status space_genotype_read_darts(snas_arena *mem, const char *name, snas_bytes text,
                                                      snas_genotype *out);
SNAS_MUST_CHECK snas_status space_genotype_read_201(snas_arena *mem, const char *name, snas_bytes text,
                                                    snas_genotype *out);

SNAS_MUST_CHECK snas_status space_genotype_write_json(const snas_genotype *genotype, snas_text *to);
SNAS_MUST_CHECK snas_status space_genotype_write_darts(const snas_genotype *genotype, snas_text *to);
SNAS_MUST_CHECK snas_status space_genotype_write_edge_all(const snas_genotype *genotype, snas_text *to);
SNAS_MUST_CHECK snas_status space_genotype_write_201(const snas_genotype *genotype, snas_text *to);

/** A text that names no space holds the cells of one only: SNAS_E_USAGE when the genotype is of another than it. */
SNAS_MUST_CHECK snas_status space_genotype_need_space(const snas_genotype *genotype, const char *format,
                                                      const char *space);

/** The states that a cell puts out, as a text names them. */
enum { SPACE_CONCAT_SHOWN = 16 };
typedef struct {
    int count;                      /* also of those that are not kept */
    int states[SPACE_CONCAT_SHOWN]; /* the first ones */
} space_concat;

/** What an architecture has that a space lacks, gathered into one sentence (genotype_fit.c). */
typedef struct {
    const snas_space *space;
    snas_text words;
    int clauses;
    space_spot first;
} space_misfit;

space_misfit space_misfit_make(snas_arena *mem, const snas_space *space);
/** Each takes a clause: when a cell has the operations of another number of nodes; when the operation is one of the
 *  field that the space lacks; when a cell's output is not all its nodes. Other faults are not theirs to say. */
void space_misfit_operations(space_misfit *misfit, const char *cell, int operations, space_spot spot);
void space_misfit_operation(space_misfit *misfit, const char *operation, space_spot spot);
void space_misfit_concat(space_misfit *misfit, const char *field, const space_concat *concat, space_spot spot);
/** SNAS_E_DATA with the sentence, placed at the first clause's spot, when there is any. */
SNAS_MUST_CHECK snas_status space_misfit_end(const space_misfit *misfit);

/** Whether that is the name of an operation that some published space has. */
bool space_operation_is_of_the_field(const char *name);

/** Add a gene to a node, checking the operation's name and the source. `type` and `node` are valid. */
SNAS_MUST_CHECK snas_status space_genotype_add(snas_genotype *genotype, int type, int node, const char *operation,
                                               double source, space_spot spot);

#endif
