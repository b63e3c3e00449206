/* data_pack.h -- writes the config's data set into one file of decoded pictures, which the data set `packed` reads. */
#ifndef SNAS_SURVEY_DATA_PACK_H
#define SNAS_SURVEY_DATA_PACK_H

#include <signal.h>

#include "snas/config/config.h"
#include "snas/data/pack_writer.h"
#include "snas/tensor/team.h"

typedef struct {
    const char *path; /* the file to write; an old one is replaced when the new one is whole */
    snas_pack_fit fit;
    snas_team team;
    volatile sig_atomic_t *stop;    /* non-zero: end with SNAS_E_INTERRUPTED, nothing written */
    volatile sig_atomic_t *listens; /* set to 1 once `stop` is checked; may be NULL */
    void (*progress)(void *context, int64_t done, int64_t all); /* pictures; may be NULL */
    void *context;
} snas_pack_request;

typedef struct {
    const char *source; /* what was packed, as the data set says it */
    int train, test;    /* pictures in the file */
    int classes;
    int side;             /* of all pictures; 0: photographs of any size */
    int64_t bytes;        /* of the file */
    int broken;           /* pictures that were left out */
    const char *sentence; /* why the first of them was; "" for none */
} snas_packed;

/** Pack. The same bytes for any number of threads; memory for a few pictures a thread, whatever their number. A broken
 *  picture is left out when `data.photos.broken` is skip, else it ends the packing (SNAS_E_DATA); one that cannot be
 *  opened always does (SNAS_E_IO). What `out` points to lies in `mem`. */
SNAS_MUST_CHECK snas_status snas_data_pack(snas_arena *mem, const snas_config *config, const snas_pack_request *request,
                                           snas_packed *out);

#endif
