/* estimators.c -- the table of estimators: the one place that knows them all. */
#include <string.h>

#include "estimators.h"

#define ENTRY(symbol) &arch_##symbol,
const snas_estimator *const snas_estimators[] = {ARCH_ESTIMATORS(ENTRY) NULL};

const snas_estimator *snas_estimator_find(const char *name)
{
    for (int i = 0; snas_estimators[i] != NULL; i++) {
        if (strcmp(snas_estimators[i]->name, name) == 0) {
            return snas_estimators[i];
        }
    }
    return NULL;
}
