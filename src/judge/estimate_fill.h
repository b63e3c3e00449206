/* estimate_fill.h -- what a network on a data set would need. */
#ifndef SNAS_JUDGE_ESTIMATE_FILL_H
#define SNAS_JUDGE_ESTIMATE_FILL_H

#include "snas/judge/estimate.h"
#include "snas/model/network.h"

/** Size and memory of a network on a data set; the pictures to train on and the steps are the caller's. */
SNAS_MUST_CHECK snas_status judge_estimate_fill(snas_arena *mem, const snas_team *team, const snas_network_spec *spec,
                                                const snas_network_options *how, const snas_dataset *dataset,
                                                snas_estimate *out);

#endif
