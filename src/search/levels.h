/* levels.h -- what a step of each level does: a function a level, in a file of its own. */
#ifndef SNAS_SEARCH_LEVELS_H
#define SNAS_SEARCH_LEVELS_H

#include "snas/search/search_step.h"

/** A step as snas_search_step promises it. */
typedef snas_status search_level_step(snas_searcher *searcher, const snas_search_input *input, snas_searched *out);

search_level_step search_single_level, search_bilevel;

#endif
