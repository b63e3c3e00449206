/* foreign.h -- what a file is that is none of those that are read here, told by its first bytes: for messages. */
#ifndef SNAS_FORMAT_FOREIGN_H
#define SNAS_FORMAT_FOREIGN_H

#include "snas/base/file.h"

/** "a Git LFS pointer ...", "a zip archive, as torch.save writes ...": what the bytes begin like and, where there is
 *  one, the way to what is wanted. NULL when they are nothing that is known. Ask only when the file is not what it
 *  should be: a good one may begin in the same way. */
const char *snas_foreign(snas_bytes head);

enum { SNAS_FOREIGN_BYTES = 64 }; /* as many first bytes tell all that is told */

#endif
