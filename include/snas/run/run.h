/* run.h -- the loops behind the commands: search, derive, train, evaluate.
 */
#ifndef SNAS_RUN_RUN_H
#define SNAS_RUN_RUN_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "snas/config/config.h"
#include "snas/learn/run_options.h"
#include "snas/space/genotype.h"
#include "snas/tensor/team.h"

/** What a search or training would need, without doing it. */
typedef struct {
    int64_t parameters, macs; /* of the network, a picture */
    size_t parameter_bytes, activation_bytes, data_bytes;
    int64_t steps_per_epoch, steps;
    int train_images, validation_images, test_images;
} snas_estimate;
SNAS_MUST_CHECK snas_status snas_search_estimate(const snas_config *config, const snas_run_options *options,
                                                 snas_estimate *out);
SNAS_MUST_CHECK snas_status snas_train_estimate(const snas_config *config, const snas_genotype *genotype,
                                                const snas_run_options *options, snas_estimate *out);

/** Which weights to test. */
typedef struct {
    /** A safetensors file, tensors in any order; those that the network has no use for are ignored with a warning. A
     *  child's, or a supernet's with its logits, of the config's search section: judged as the child that the logits
     *  favour. */
    const char *weights;
    /** NULL: the file's metadata names genotype, channels and cells; else the genotype, and where the file says nothing
     *  channels and cells of the config's train section. */
    const snas_genotype *genotype;
    /** File for logits [N, classes] and labels [N] of the test pictures in their order; NULL: none. */
    const char *logits;
    int recalibration_batches; /* training batches that the batch norms are measured on anew first; 0: none */
    /** [top_count]: for which k the part of pictures with the label among the k best guesses is wanted. */
    const int *top;
    int top_count;
} snas_evaluation;

/** Everything in the arena or for ever. */
typedef struct {
    double loss, accuracy, accuracy_top5; /* means over the test pictures */
    const double *top;                    /* [top_count] as asked for, 0..1 */
    int images, classes;
    const char *const *class_names; /* [classes]; NULL when the data set does not know them */
    const int64_t *confusion;       /* [classes][classes]: of the row's class, how many were taken for the column's */
    int recalibration_batches;      /* taken */
    int64_t parameters, macs;
} snas_evaluated;
/** Accuracy of trained weights. SNAS_E_IO with a sentence when a tensor is missing or misshapen. */
SNAS_MUST_CHECK snas_status snas_evaluate(snas_arena *mem, const snas_config *config, const snas_evaluation *what,
                                          const snas_run_options *options, snas_evaluated *out);

#endif
