/* child_file.h -- trained weights of a child as one safetensors file that says what network it is.
 *
 * Tensors: parameters and running statistics under PyTorch's names, no prefix. Metadata:
 *      snas.genotype   the genotype's JSON
 *      snas.child      JSON: channels, cells, classes, side, shorter, stem, orient, class_names, dataset,
 *                      division, mean, deviation, epoch, accuracy
 *      snas.test       the test pictures, class by class (tally.h); may be missing */
#ifndef SNAS_LEARN_CHILD_FILE_H
#define SNAS_LEARN_CHILD_FILE_H

#include "snas/data/dataset.h"
#include "snas/learn/tally.h"
#include "snas/model/network.h"

typedef struct {
    snas_stem stem;
    int channels, cells, classes, side;
    bool orient; /* the EXIF orientation is applied; missing: false */
    int shorter; /* what a picture's shorter side becomes before the middle is cut out; side or more */
    const char *const *class_names; /* [classes]; NULL: not known */
    const char *dataset;
    const char *division; /* how its pictures were divided into training and test; NULL: the data set has parts */
    float mean[3], deviation[3]; /* of the pictures that it was trained on, pixels in 0..1 */
    int64_t epoch;               /* finished epochs */
    double accuracy;             /* test accuracy then, 0..1 */
    const snas_tally *test;      /* the test pictures then; NULL: not counted. snas_child_parse leaves it out */
} snas_child;

/** The network's weights as such a file. Texts in `mem`, numbers where the network has them. */
SNAS_MUST_CHECK snas_status snas_child_file(snas_arena *mem, const snas_child *child, const snas_genotype *genotype,
                                            const snas_network *network, snas_tensor_file *out);

/** Parse the two metadata of a loaded file. *found is false when it has none (weights from elsewhere). SNAS_E_DATA with
 *  a sentence when they are broken. `path` is for messages. */
SNAS_MUST_CHECK snas_status snas_child_parse(snas_arena *mem, const char *path, const snas_tensor_file *file,
                                             bool *found, snas_child *child, snas_genotype *genotype);

/** Weights that were read, and what network they are of: classes and side included. */
typedef struct {
    const char *path; /* for messages */
    const snas_tensor_file *file;
    const snas_child *child;
    const snas_genotype *genotype;
} snas_child_weights;

/** The network that the weights are of, as evaluations build it. */
snas_network_spec snas_child_spec(const snas_child_weights *weights);

/** Make that network and load the weights. SNAS_E_DATA, SNAS_E_NUMERIC as snas_network_load. */
SNAS_MUST_CHECK snas_status snas_child_open(snas_arena *mem, const snas_child_weights *weights, const snas_team *team,
                                            const snas_network_options *how, snas_network **out);

/** Weights of `snas train` that are asked for, with what they say of their network. */
typedef struct {
    const char *path; /* for messages */
    const snas_tensor_file *file;
    const snas_team *team;
    const snas_network_options *how;
} snas_child_request;

/** The same by what the weights say themselves; SNAS_E_USAGE with a sentence when they say nothing. */
SNAS_MUST_CHECK snas_status snas_child_load(snas_arena *mem, const snas_child_request *request, snas_child *child,
                                            snas_genotype *genotype, snas_network **out);

#endif
