/* evaluate.h -- `snas eval`: accuracy of trained weights on the test pictures. */
#ifndef SNAS_JUDGE_EVALUATE_H
#define SNAS_JUDGE_EVALUATE_H

#include "snas/config/config.h"
#include "snas/learn/run_options.h"
#include "snas/space/genotype.h"

/** Which weights to test. */
typedef struct {
    /** A safetensors file, tensors in any order; those that the network has no use for are ignored with a warning. A
     *  child's, or a supernet's with its logits, of the config's search section: evaluated as the child of the
     *  likeliest candidates. */
    const char *weights;
    /** NULL: the file's metadata names genotype, channels and cells; else the genotype, and where the file says nothing
     *  channels and cells of the config's train section. */
    const snas_genotype *genotype;
    /** File for logits [N, classes] and labels [N] of the test pictures in their order; NULL: none. */
    const char *logits;
    /** Which part of the data set to test on: "train", "test", "val", "all" as far as it has them; NULL: its test
     *  pictures. */
    const char *part;
    int recalibration_batches; /* training batches that the batch norms are measured on anew first; 0: none */
    bool mirror;               /* also the accuracy of the mean of the logits of a picture and of its mirror image */
    /** [top_count]: the values of k for which the top-k accuracy is wanted. */
    const int *top;
    int top_count;
    /** The confusion matrix is counted for this many classes at most; 0: never. It takes 8 bytes times their square. */
    int confusion_most;
} snas_evaluation;

/** Everything in the arena or for ever. */
typedef struct {
    double loss, accuracy, accuracy_top5; /* means over the test pictures */
    const double *top;                    /* [top_count] as asked for, 0..1 */
    double mirrored;                      /* with `mirror`: accuracy of the mean logits, 0..1 */
    const double *mirrored_top;           /* [top_count] of the same; NULL: not asked for */
    int images, classes;
    const char *const *class_names;    /* [classes]; NULL when the data set does not know them */
    const int64_t *of_class, *correct; /* [classes]: pictures of the class, and those of them that were taken for it */
    const int64_t *confusion;  /* [classes][classes]: of the row's class, how many were taken for the column's; NULL */
    int recalibration_batches; /* taken */
    int64_t parameters, macs;
} snas_evaluated;
/** Accuracy of trained weights. SNAS_E_DATA with a sentence when a tensor is missing or misshapen. */
SNAS_MUST_CHECK snas_status snas_evaluate(snas_arena *mem, const snas_config *config, const snas_evaluation *what,
                                          const snas_run_options *options, snas_evaluated *out);

#endif
