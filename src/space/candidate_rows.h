/* candidate_rows.h -- the candidates by symbol, for the rows of the spaces: two of them share a published name. */
#ifndef SPACE_CANDIDATE_ROWS_H
#define SPACE_CANDIDATE_ROWS_H

#include "snas/space/candidate.h"

#define CANDIDATE(symbol, ...) extern const snas_candidate space_##symbol;
#include "candidate_rows.inc"
#undef CANDIDATE

#endif
