/* flaw_report.h -- reports pictures that turned out broken or damaged while they were read. */
#ifndef SNAS_LEARN_FLAW_REPORT_H
#define SNAS_LEARN_FLAW_REPORT_H

#include "snas/data/dataset.h"

/** What has been reported of a part already. */
typedef struct {
    int count[SNAS_FLAW_COUNT];
} snas_flaws_told;

/** Say how many pictures of the part have each flaw, in a sentence each, when there are more than were reported
 *  before. */
void snas_flaws_tell(const snas_pictures *pictures, snas_flaws_told *told,
                     void (*say)(void *context, const char *sentence), void *context);

/** The same to the log, as warnings. */
void snas_flaws_warn(const snas_pictures *pictures);

#endif
