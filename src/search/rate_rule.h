/* rate_rule.h -- the logits' learning rate, the config's or that of a rule by the number of steps. */
#ifndef SNAS_SEARCH_RATE_RULE_H
#define SNAS_SEARCH_RATE_RULE_H

#include "snas/config/config.h"

/** The rate that a search takes. */
double search_logit_rate(const snas_search_config *settings, int64_t steps_per_epoch);

#endif
