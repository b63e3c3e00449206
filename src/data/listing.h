/* listing.h -- what a folder holds, sorted. Private to the room. */
#ifndef SNAS_DATA_LISTING_H
#define SNAS_DATA_LISTING_H

#include "snas/base/arena.h"

typedef struct {
    char **folders, **files; /* names by bytes, ascending; hidden ones left out; symbolic links followed */
    int folder_count, file_count;
} data_listing;

/** List one folder, not what its folders hold. SNAS_E_IO when it cannot be read; SNAS_E_DATA when a symbolic link in it
 *  leads nowhere or round in a circle. */
SNAS_MUST_CHECK snas_status data_list(snas_arena *mem, const char *path, data_listing *out);

/** Whether `name` is one of the folders. */
int data_listing_find(const data_listing *listing, const char *name); /* its index, -1 for none */

#endif
