/* flaw_report.h -- telling of pictures that turned out broken or damaged while they were read. */
#ifndef SNAS_LEARN_FLAW_REPORT_H
#define SNAS_LEARN_FLAW_REPORT_H

#include "snas/data/dataset.h"

/** What has been told of a part already. */
typedef struct {
    int count[SNAS_FLAW_COUNT];
} snas_flaws_told;

/** Say how many pictures of the part are flawed, a sentence a flaw, where there are more than have been told. */
void snas_flaws_tell(const snas_pictures *pictures, snas_flaws_told *told,
                     void (*say)(void *context, const char *sentence), void *context);

/** The same to the log, as warnings. */
void snas_flaws_warn(const snas_pictures *pictures);

#endif
