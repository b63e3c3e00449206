/* genotype_file.h -- the architecture in a run's folder: genotype.json, and genotype.txt in a published text form. */
#ifndef SNAS_LEARN_GENOTYPE_FILE_H
#define SNAS_LEARN_GENOTYPE_FILE_H

#include "snas/base/arena.h"
#include "snas/space/genotype.h"

/** genotype.json and genotype.txt in `folder`, replaced whole. The text is the published form that fits: all edges, or
 *  two a node, or the line of NAS-Bench-201; for what has none one line a gene. `mem` is scratch. */
SNAS_MUST_CHECK snas_status snas_genotype_file_save(snas_arena *mem, const snas_genotype *genotype, const char *folder);

#endif
