/* lock.h -- a file that a process locks as long as it works on something; the system lets go of it when the process
 * dies. Others may look whether it does. */
#ifndef SNAS_BASE_LOCK_H
#define SNAS_BASE_LOCK_H

#include <stdbool.h>

#include "snas/base/status.h"

/** Lock the open file for this process alone. 0, or -1 with errno, EWOULDBLOCK when another process has it: one that
 *  only looks has it for microseconds, so it is tried for some hundredths of a second. */
int snas_lock_take(int fd);

/** Open the file, which is made where it is missing, and lock it; who closes *fd lets go of it. *fd -1: another process
 *  has it. SNAS_E_IO with a sentence when it cannot be opened or locked, or is a link. */
SNAS_MUST_CHECK snas_status snas_lock_open(const char *path, int *fd);

/** Has a process locked the file? True also where that cannot be told, since it cannot be opened. */
bool snas_lock_is_held(const char *path);

#endif
