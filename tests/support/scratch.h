/* scratch.h -- a folder of this test program's own, gone when the program ends. */
#ifndef SNAS_TESTS_SCRATCH_H
#define SNAS_TESTS_SCRATCH_H

#include <stddef.h>

/** The path of `name` inside the folder; "" gives the folder. Valid until the 16th call after this one. */
const char *scratch_path(const char *name);

/** Entries of the folder, without "." and ".."; after the first scratch_path. */
int scratch_count(void);

/** Write a file without the care, and the time, of a replacement. */
void scratch_put(const char *path, const void *data, size_t size);

#endif
