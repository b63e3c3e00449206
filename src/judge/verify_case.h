/* verify_case.h -- a case of `snas verify` read into memory: one training step, or the T steps of a trajectory. */
#ifndef SNAS_JUDGE_VERIFY_CASE_H
#define SNAS_JUDGE_VERIFY_CASE_H

#include "snas/config/config.h"
#include "snas/format/json.h"
#include "snas/format/safetensors.h"
#include "snas/space/genotype.h"

/** Pictures and labels of every step. */
typedef struct {
    double *images; /* [T][N][S][S][3]: channels last; NULL: none */
    int *labels;    /* [T][N] */
} verify_batches;

typedef struct {
    const char *path;
    snas_tensor_file file;
    int classes, side, batch, shards;
    uint64_t seed; /* of the masks of drop path */
    int steps_per_epoch;
    int steps; /* T; 0: one step, whose inputs have no leading T. Below, T counts that as 1 */
    bool supernet;
    const snas_json *float32_error; /* one step: PyTorch's own errors */
    snas_search_config search;      /* of a supernet's case */
    snas_train_config train;        /* of a child's; what both have stands here too */
    snas_genotype genotype;         /* a child's */
    verify_batches pictures;        /* what the weights are trained on */
    verify_batches logit_pictures;  /* what moves the logits, where the level takes pictures of their own; else empty */
    snas_logits logits;             /* supernet: [types][E][K] */
    double *gumbel;                 /* supernet: [T][types][E][K] */
    double *logit_gumbel;           /* that of the logits' own draw, with their pictures; else NULL */
} verify_case;

/** Read and check the file, its config and its inputs. SNAS_E_IO and SNAS_E_DATA as snas_verify says. */
SNAS_MUST_CHECK snas_status verify_case_load(snas_arena *mem, const char *path, verify_case *out);

/** Fill what the config of the file says. */
SNAS_MUST_CHECK snas_status verify_config_read(snas_arena *mem, verify_case *c);

/** The elements of a tensor that has to be there with `count` of them. */
SNAS_MUST_CHECK snas_status verify_case_tensor(snas_arena *mem, const verify_case *c, const char *name, int64_t count,
                                               const double **out);

#endif
