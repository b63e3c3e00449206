/* supernet_file.h -- a supernet and its logits from a safetensors file, to be evaluated as the child of the likeliest
 * candidates. */
#ifndef SNAS_SEARCH_SUPERNET_FILE_H
#define SNAS_SEARCH_SUPERNET_FILE_H

#include "snas/config/config.h"
#include "snas/learn/accuracy.h"

/** Weights to be evaluated. */
typedef struct {
    snas_tensor_file file;
    snas_dataset dataset;
    snas_judged judged; /* network, and for a supernet its Z */
    snas_count size;    /* of the child */
    bool recalibrates;  /* the network is planned for passes with batch statistics too */
} snas_opened;

/** Does the file hold logits of the space beside its weights? */
bool snas_supernet_is(snas_arena *mem, const snas_space *space, const snas_tensor_file *file);

/** Make the supernet of config->search.channels and .cells for the file and data set in `opened`, Z the one-hot of each
 *  edge's likeliest candidate; its weights are not loaded yet. Norms have gamma and beta where the file has them. Takes
 *  the logits out of the file. SNAS_E_DATA with a sentence when they are missing or misshapen; `path` is for it. */
SNAS_MUST_CHECK snas_status snas_supernet_open(snas_arena *mem, const snas_config *config,
                                               const snas_run_options *options, const char *path, snas_opened *opened);

#endif
