/* compare.h -- variants and their comparisons from the figures of all runs. Private to the room. */
#ifndef SNAS_STUDY_COMPARE_H
#define SNAS_STUDY_COMPARE_H

#include "snas/study/results.h"

/** Fill results->variants and results->comparisons from results->runs. */
SNAS_MUST_CHECK snas_status study_compare(snas_arena *mem, snas_results *results);

#endif
