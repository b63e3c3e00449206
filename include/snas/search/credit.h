/* credit.h -- `snas credit`: how well the gradients of several estimators say what a candidate is worth, at the frozen
 * weights of a search's checkpoint.
 */
#ifndef SNAS_SEARCH_CREDIT_H
#define SNAS_SEARCH_CREDIT_H

#include "snas/base/text.h"
#include "snas/config/config.h"
#include "snas/learn/run_options.h"

/** Whose gradients are compared: the method's name and its estimator's. */
typedef struct {
    const char *method, *estimator;
} snas_credit_method;

enum { SNAS_CREDIT_METHODS = 4 };
extern const snas_credit_method snas_credit_methods[SNAS_CREDIT_METHODS];

/** Of one method. T cell types, E edges, K candidates. */
typedef struct {
    double *mean;        /* [T][E][K]: of a draw's dL/d log_alpha */
    double *variance;    /* [T][E][K]: of one draw's, unbiased */
    double *correlation; /* [T][E]: of mean and effect over the edge's candidates; NaN where one of them is constant */
    double *noise;       /* [T][E]: root of the edge's summed variances over the norm of its mean */
    double cosine;       /* of mean and measured, all edges as one vector */
    double norm, spread; /* of mean as one vector; root of all variances' sum */
    double correlation_mean; /* over the edges that have one */
} snas_credit_figures;

typedef struct {
    const snas_space *space;
    int64_t step;       /* of the checkpoint */
    double temperature; /* tau then: of the relaxed draws */
    int draws, batch;   /* draws, each with a batch of its own; pictures a batch at most */
    double loss;        /* mean over the one-hot draws */
    double *p;          /* [T][E][K]: probabilities */
    double *effect;     /* [T][E][K]: mean loss with candidate k on the edge, the other edges as drawn */
    double *measured;   /* [T][E][K]: p_k (effect_k - sum_l p_l effect_l), the gradient that the effects imply */
    snas_credit_figures of[SNAS_CREDIT_METHODS];
} snas_credit;

typedef struct {
    int64_t step; /* of the checkpoint; -1: the newest */
    int draws;    /* at least 2 */
} snas_credit_request;

/** Measure. The config is the run's, options->folder its folder. Everything in `mem`; the same numbers for any number
 *  of threads. SNAS_E_NUMERIC when a loss is not finite. */
SNAS_MUST_CHECK snas_status snas_credit_measure(snas_arena *mem, const snas_config *config,
                                                const snas_run_options *options, const snas_credit_request *request,
                                                snas_credit *out);

/** All figures as a JSON object. */
void snas_credit_json(snas_text *text, const snas_credit *credit);

/** Write credit-STEP.json and a picture a cell type, credit_TYPE-STEP.png, into the folder. */
SNAS_MUST_CHECK snas_status snas_credit_save(snas_arena *mem, const snas_credit *credit, const char *folder);

#endif
