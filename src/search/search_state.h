/* search_state.h -- what a search holds: a supernet, a distribution over architectures, and what moves both. */
#ifndef SNAS_SEARCH_SEARCH_STATE_H
#define SNAS_SEARCH_SEARCH_STATE_H

#include "reading.h"
#include "snas/learn/accuracy.h"
#include "snas/learn/streams.h"
#include "snas/loop/loop.h"
#include "snas/search/search_step.h"

typedef struct {
    snas_dataset dataset;
    snas_loader *validation;
    snas_searcher searcher;
    snas_searched last; /* of the step just taken */
    search_sizes sizes;
    search_reading reading;
} search_state;

#endif
