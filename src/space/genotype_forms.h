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

/** Add a gene to a node, checking the operation's name and the source. `type` and `node` are valid. */
SNAS_MUST_CHECK snas_status space_genotype_add(snas_genotype *genotype, int type, int node, const char *operation,
                                               double source, space_spot spot);

#endif
