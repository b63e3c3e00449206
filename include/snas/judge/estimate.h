/* estimate.h -- memory, steps and pictures that a search or a training would need, without running it. */
#ifndef SNAS_JUDGE_ESTIMATE_H
#define SNAS_JUDGE_ESTIMATE_H

#include "snas/config/config.h"
#include "snas/learn/run_options.h"
#include "snas/space/genotype.h"

/** What a search or a training would need. */
typedef struct {
    int64_t parameters, macs; /* of the network, a picture */
    size_t parameter_bytes, activation_bytes, data_bytes;
    int64_t steps_per_epoch, steps;
    int train_images, validation_images, test_images;
    int logit_images; /* of a search whose level takes pictures for the logits */
} snas_estimate;
SNAS_MUST_CHECK snas_status snas_search_estimate(const snas_config *config, const snas_run_options *options,
                                                 snas_estimate *out);
SNAS_MUST_CHECK snas_status snas_train_estimate(const snas_config *config, const snas_genotype *genotype,
                                                const snas_run_options *options, snas_estimate *out);

#endif
