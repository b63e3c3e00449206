/* genotype_fixture.h -- texts of genotypes, piece by piece, and reading them. */
#ifndef SNAS_TESTS_GENOTYPE_FIXTURE_H
#define SNAS_TESTS_GENOTYPE_FIXTURE_H

#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "snas/base/rng.h"
#include "snas/space/genotype.h"

#define FIRST_PAIRS "('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('skip_connect', 0), ('sep_conv_3x3', 1)"
#define LAST_PAIRS "('skip_connect', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('skip_connect', 2)"
#define EIGHT "[" FIRST_PAIRS ", " LAST_PAIRS "]"
#define FOURTEEN                                                                                                       \
    "[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('skip_connect', 0), ('dil_conv_3x3', 1), "                            \
    "('none', 2), "                                                                                                    \
    "('skip_connect', 0), ('skip_connect', 1), ('none', 3), ('none', 2), ('skip_connect', 0), "                        \
    "('sep_conv_3x3', 1), ('none', 4), ('none', 3), ('none', 2)]"
#define GENOTYPE(normal, reduce)                                                                                       \
    "Genotype(normal=" normal ", normal_concat=[2, 3, 4, 5], reduce=" reduce ", reduce_concat=range(2, 6))"
#define EMPTY_JSON_CELL "[[], [], [], []]"

static inline snas_status parse(const char *text, snas_genotype *out)
{
    return snas_genotype_parse(mem, "cell.txt", (snas_bytes){.data = text, .size = strlen(text)}, out);
}

static inline void assert_same_cells(const snas_genotype *a, const snas_genotype *b)
{
    assert_ptr_equal(a->space, b->space);
    for (int type = 0; type < a->space->cell_types; type++) {
        for (int node = 0; node < a->space->nodes; node++) {
            const snas_genes *x = &a->nodes[type][node], *y = &b->nodes[type][node];
            assert_int_equal(x->count, y->count);
            for (int g = 0; g < x->count; g++) {
                assert_int_equal(x->genes[g].candidate, y->genes[g].candidate);
                assert_int_equal(x->genes[g].source, y->genes[g].source);
            }
        }
    }
}

static inline void assert_gene(const snas_genotype *genotype, int type, int node, int g, const char *operation,
                               int source)
{
    const snas_gene gene = genotype->nodes[type][node].genes[g];
    assert_true(g < genotype->nodes[type][node].count);
    assert_string_equal(genotype->space->candidates[gene.candidate]->name, operation);
    assert_int_equal(gene.source, source);
}

/* A random probability for every candidate of every edge. */
static inline void random_probabilities(const snas_space *space, uint64_t seed, double *p)
{
    snas_rng rng = snas_rng_at(seed, SNAS_STREAM_TEST, 0);
    const int count = space->cell_types * snas_space_edge_count(space) * space->candidate_count;
    for (int i = 0; i < count; i++) {
        p[i] = snas_rng_uniform(&rng);
    }
}

enum { ENTRIES_MAX = SNAS_CELL_TYPES_MAX * SNAS_EDGES_MAX * SNAS_CANDIDATES_MAX };

#endif
