/* picture_walk.h -- every picture of a set once, by all threads. */
#ifndef SNAS_SURVEY_PICTURE_WALK_H
#define SNAS_SURVEY_PICTURE_WALK_H

#include "snas/data/dataset.h"

/** Called for picture i on some thread; `picture` is borrowed until the call returns. With a status that is not SNAS_OK
 *  the picture could not be read: snas_error() says why, and `picture` is empty. */
typedef void (*survey_picture_visit)(void *context, int thread, int i, snas_status status, const snas_picture *picture);

/** Visit all pictures, in any order. Fails only without memory for scratch; `mem` is scratch. */
SNAS_MUST_CHECK snas_status survey_picture_walk(snas_arena *mem, snas_team team, const snas_pictures *pictures,
                                                survey_picture_visit visit, void *context);

#endif
