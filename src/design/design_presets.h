/* design_presets.h -- the configs that a design begins with, which the build puts into the program. */
#ifndef SNAS_DESIGN_DESIGN_PRESETS_H
#define SNAS_DESIGN_DESIGN_PRESETS_H

#include <stddef.h>

extern const unsigned char design_photographs[]; /* configs/folder-small.json */
extern const size_t design_photographs_size;
extern const unsigned char design_small_pictures[]; /* configs/cifar10-hour.json */
extern const size_t design_small_pictures_size;

#endif
