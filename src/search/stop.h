/* stop.h -- when a search ends before its last epoch: search.stop. */
#ifndef SNAS_SEARCH_STOP_H
#define SNAS_SEARCH_STOP_H

#include "search_state.h"

/** What the rules remember, as rows of the checkpoint. */
SNAS_MUST_CHECK snas_status search_stop_create(snas_loop *loop);

/** Note the genotype of the epoch that has been judged, which search->reading holds; warn of skips. */
void search_stop_note(snas_loop *loop);

/** Why the search is to end between two epochs, without a full stop; NULL: it goes on. In loop->scratch. */
const char *search_stop_reason(snas_loop *loop);

#endif
