/* product_file.h -- where a file lies that comes with the program, such as a table of facts. */
#ifndef SNAS_BASE_PRODUCT_FILE_H
#define SNAS_BASE_PRODUCT_FILE_H

#include "snas/base/arena.h"

/** The first of these that is a file, in `mem`:
 *
 *      $SNAS_DATA/name     data/name     HERE/share/snas/name     HERE/../share/snas/name     SNAS_SHARE/name
 *      /usr/share/snas/name
 *
 *  HERE is the folder of the program: a build has share/snas beside the program, an installation beside its folder;
 *  SNAS_SHARE is where the build was told to install, the last is where a package installs whatever its build was
 *  told: they are for a program that cannot tell where it is, without /proc. SNAS_E_DATA with a sentence that says
 *  where was looked. */
SNAS_MUST_CHECK snas_status snas_product_file(snas_arena *mem, const char *name, const char **out);

#endif
