/* foreign.h -- recognises files of other kinds by their first bytes, for messages. */
#ifndef SNAS_FORMAT_FOREIGN_H
#define SNAS_FORMAT_FOREIGN_H

#include "snas/base/file.h"

/** "a Git LFS pointer ...", "a zip archive, as torch.save writes ...": what kind of file begins with these bytes and,
 *  where there is one, how to get the right file. NULL when the kind is not known. To be called only when the file is
 *  not of the expected kind: a good one may begin in the same way. */
const char *snas_foreign(snas_bytes head);

enum { SNAS_FOREIGN_BYTES = 64 }; /* the first bytes that are looked at */

#endif
