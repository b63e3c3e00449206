/* estimator.h -- distributions over architectures, and how their gradient is estimated.
 *
 * A distribution has logits log_alpha, [types][E][K] doubles, one row an edge. An estimator is one file and a row:
 *   draw          weights Z[rows][E][K] for one minibatch
 *   grad          d loss / d log_alpha from d loss / dZ
 *   score         d log p(Z) / d log_alpha
 *   log_density   log p(Z)
 *   observe       d_log_alpha from a reward of the draw
 * All but draw may be absent (NULL). No estimator depends on a network or a cost. All numbers are double, all matrices
 * small. The logits do not change between draw and the other functions.
 */
#ifndef SNAS_ARCH_ESTIMATOR_H
#define SNAS_ARCH_ESTIMATOR_H

#include <stdbool.h>

#include "snas/base/arena.h"
#include "snas/base/rng.h"

typedef struct {
    int types, edges, candidates; /* T, E, K */
    double *log_alpha;            /* [T][E][K], owned by the caller's arena */
} snas_logits;

/** One draw: rows of Z, and the logits' row (cell type) of each. */
typedef struct {
    int rows;               /* T when all cells of a type share a draw, or one a cell */
    const int *type_of_row; /* [rows] */
    double temperature;     /* tau > 0 */
    double *gumbel;         /* [rows][E][K]: the noise that was used */
    double *z;              /* [rows][E][K]: the weights */
    bool sparse;            /* zeros of z mean "not run" */
    /** sparse: dz of a candidate that is not run is computed as if its output were 1 everywhere; false: it is 0. */
    bool skipped_as_ones;
} snas_draw;

/** The reward of a draw, and how it is used. */
typedef struct {
    double value;   /* the larger the better */
    double decay;   /* of the moving baseline, in [0, 1) */
    double entropy; /* weight of the bonus: the entropy in nats, summed over the edges of all types; 0: none */
} snas_reward;

typedef struct {
    const char *name; /* config value: "concrete" */
    const char *brief;
    /** Fill draw->z from draw->gumbel, which the caller has filled (snas_draw_noise, or given noise). */
    void (*draw)(const snas_logits *logits, snas_draw *draw);
    /** NULL where no gradient goes through the sample. d_log_alpha [T][E][K] += J^T dz, dz [rows][E][K] = d loss / dz.
     */
    void (*grad)(const snas_logits *logits, const snas_draw *draw, const double *dz, double *d_log_alpha);
    /** NULL where the density is not known, as log_density then is. score [T][E][K] += weight[row][e] * d log p(z of
     *  the row's edge e) / d log_alpha, z held constant; weight [rows][E], NULL is all 1. Edges are independent, so
     *  each may have a weight of its own. */
    void (*score)(const snas_logits *logits, const snas_draw *draw, const double *weight, double *score);
    /** log p(z) summed over rows and edges, z held constant. */
    double (*log_density)(const snas_logits *logits, const snas_draw *draw);
    /** NULL where no reward is taken. d_log_alpha [T][E][K] += the gradient that the draw's reward asks for, downhill;
     *  `state` [state_count] belongs to the estimator (a moving baseline, say), starts at zero and is saved by the run.
     *  */
    void (*observe)(const snas_logits *logits, const snas_draw *draw, const snas_reward *reward, double *state,
                    double *d_log_alpha);
    int state_count;
    bool tempered; /* draws or gradients depend on the temperature */
    bool soft;     /* every candidate has a weight above 0, however small: see search.skip_below */
    /** Every draw is sparse and has at most one candidate of an edge whose z is not 0: a step runs one path, and its
     *  memory is planned for one. */
    bool one_path;
} snas_estimator;

/** All estimators, NULL-terminated. */
extern const snas_estimator *const snas_estimators[];
const snas_estimator *snas_estimator_find(const char *name);

/** Logits from N(mean, std), stream LOGITS. */
SNAS_MUST_CHECK snas_status snas_logits_create(snas_arena *mem, int types, int edges, int candidates, snas_logits *out);
void snas_logits_init(snas_logits *logits, uint64_t seed, double mean, double std);

/** Room for a draw of `rows` rows. */
SNAS_MUST_CHECK snas_status snas_draw_create(snas_arena *mem, const snas_logits *logits, int rows,
                                             const int *type_of_row, snas_draw *out);

/** Gumbel noise for every entry, in order, from rng. */
void snas_draw_noise(const snas_logits *logits, snas_draw *draw, snas_rng *rng);

/** softmax of the logits, [T][E][K]; and its gradient: d_log_alpha += J^T dp. */
void snas_logits_probabilities(const snas_logits *logits, double *p);
void snas_logits_probabilities_grad(const snas_logits *logits, const double *dp, double *d_log_alpha);

/** Mean over a type's edges of the entropy in nats, probabilities floored at 1e-4 inside the logarithm. (The published
 *  code sums over the edges and floors both factors.) */
double snas_logits_entropy(const snas_logits *logits, int type);

#endif
