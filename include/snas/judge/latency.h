/* latency.h -- `snas latency`: what every candidate takes at every place of a child on this processor, and how well the
 * sums of that predict whole children.
 *
 * Children with drawn genotypes are evaluated in turn, round after round, their regions timed (snas/model/regions.h);
 * a node's time is then its share of a sum over its edges, by least squares (docs/mathematics.md).
 */
#ifndef SNAS_JUDGE_LATENCY_H
#define SNAS_JUDGE_LATENCY_H

#include "snas/config/config.h"
#include "snas/space/genotype.h"
#include "snas/space/latency_table.h"

typedef struct {
    snas_team team;
    const char *kernels; /* NULL: the best; see network.h */
    int batch, rounds;
    uint64_t seed;                                                /* of the drawn genotypes and the weights */
    void (*progress)(void *context, int done, int all, double s); /* may be NULL */
    void *context;
} snas_latency_options;

/** The child that `snas train` builds by the config, without a genotype. Opens the data set. */
SNAS_MUST_CHECK snas_status snas_latency_spec(snas_arena *mem, const snas_config *config, snas_network_spec *out);

/** Measure a table. */
SNAS_MUST_CHECK snas_status snas_latency_measure(snas_arena *mem, const snas_network_spec *child,
                                                 const snas_latency_options *options, snas_latency *out);

/** A child that was measured as a whole. */
typedef struct {
    snas_genotype genotype;
    double seconds; /* median over the rounds */
    double spread;  /* their interquartile range */
} snas_latency_trial;

/** Draw `count` genotypes, the first half with every edge, the others with two edges a node, and measure each: [count]
 *  in `mem`. They are none of those that a table is measured on. */
SNAS_MUST_CHECK snas_status snas_latency_try(snas_arena *mem, const snas_network_spec *child,
                                             const snas_latency_options *options, int count, snas_latency_trial **out);

#endif
