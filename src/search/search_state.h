/* search_state.h -- what a search holds: a supernet, a distribution over architectures, and what moves both. */
#ifndef SNAS_SEARCH_SEARCH_STATE_H
#define SNAS_SEARCH_SEARCH_STATE_H

#include "reading.h"
#include "snas/learn/accuracy.h"
#include "snas/learn/streams.h"
#include "snas/loop/loop.h"
#include "snas/search/search_step.h"
#include "snas/space/benchmark.h"

typedef struct search_ranking search_ranking; /* random.c */
typedef struct search_stop search_stop;       /* stop.c */

typedef struct {
    snas_dataset dataset;
    snas_loader *validation;
    snas_batch_stream logits; /* of the pictures that move the logits; loader NULL: the level takes none */
    snas_searcher searcher;
    snas_searched last; /* of the step just taken */
    search_sizes sizes;
    search_reading reading;
    search_ranking *ranking; /* NULL: the logits move */
    search_stop *stop;
    snas_benchmark *benchmark; /* what is known of the space's cells; NULL: nothing, or no table was found */
    int known_column;          /* of it: the data set's */
} search_state;

#endif
