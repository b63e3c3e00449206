/* search_state.h -- what a search holds: a supernet, a distribution over architectures, and what moves both. */
#ifndef SNAS_SEARCH_SEARCH_STATE_H
#define SNAS_SEARCH_SEARCH_STATE_H

#include "price.h"
#include "reading.h"
#include "snas/learn/accuracy.h"
#include "snas/learn/descent.h"
#include "snas/learn/streams.h"
#include "snas/loop/loop.h"
#include "snas/search/distribution.h"

typedef struct {
    snas_dataset dataset;
    snas_loader *validation;
    snas_descent descent;
    snas_distribution distribution;
    search_price resource;
    search_sizes sizes;
    search_reading reading;
} search_state;

/** One step of single-level search (single_level.c): loop->context is a search_state. */
SNAS_MUST_CHECK snas_status search_step(snas_loop *loop, snas_loop_step *out);

#endif
