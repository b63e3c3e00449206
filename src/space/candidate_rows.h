/* candidate_rows.h -- the candidates by name, for the rows of the spaces: two of them share a published name. */
#ifndef SPACE_CANDIDATE_ROWS_H
#define SPACE_CANDIDATE_ROWS_H

#include "snas/space/candidate.h"

extern const snas_candidate space_none, space_skip_connect;
extern const snas_candidate space_max_pool_3x3, space_avg_pool_3x3;
extern const snas_candidate space_sep_conv_3x3, space_sep_conv_5x5;
extern const snas_candidate space_dil_conv_3x3, space_dil_conv_5x5;
extern const snas_candidate space_nor_conv_1x1, space_nor_conv_3x3;
extern const snas_candidate space_bare_avg_pool_3x3; /* NAS-Bench-201's: no batch norm behind it */

#endif
