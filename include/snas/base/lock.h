/* lock.h -- a file that a process locks as long as it works on something; the system lets go of it when the process
 * dies. Others may look whether it does. */
#ifndef SNAS_BASE_LOCK_H
#define SNAS_BASE_LOCK_H

#include <stdbool.h>

/** Lock the open file for this process alone. 0, or -1 with errno, EWOULDBLOCK when another process has it: one that
 *  only looks has it for microseconds, so it is tried for some hundredths of a second. */
int snas_lock_take(int fd);

/** Has a process locked the file? True also where that cannot be told, since it cannot be opened. */
bool snas_lock_is_held(const char *path);

#endif
