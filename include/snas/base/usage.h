/* usage.h -- what this process has taken of the machine, for records; never for anything that decides a result. */
#ifndef SNAS_BASE_USAGE_H
#define SNAS_BASE_USAGE_H

#include "snas/base/arena.h"
#include <stddef.h>

/** Seconds that processors have worked for all threads of this process, the system's share included; 0 where the system
 *  does not tell. */
double snas_processor_seconds(void);

/** The most memory, in bytes, that this process has held at once; 0 where the system does not tell. */
size_t snas_peak_bytes(void);

/** The processor's name as the system tells it, "" when it does not; in `mem`. */
const char *snas_processor_name(snas_arena *mem);

#endif
