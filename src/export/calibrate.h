/* calibrate.h -- the ranges of a network's values on pictures that it was trained on. */
#ifndef SNAS_EXPORT_CALIBRATE_H
#define SNAS_EXPORT_CALIBRATE_H

#include "c_measure.h"

/** The ranges of the plan's values, [value_count], on pictures of the request's calibration: shuffled by the config's
 *  seed, not augmented, normalised as the weights say. *pictures: how many there were. SNAS_E_USAGE when the data set
 *  is not one for the weights, SNAS_E_NUMERIC when a number within the network is not finite. */
SNAS_MUST_CHECK snas_status export_calibrate(snas_arena *mem, const export_subject *subject,
                                             const export_layers *layers, const snas_c_plan *plan,
                                             const c_range **ranges, int *pictures);

#endif
