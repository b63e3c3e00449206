/* streams.h -- which pictures a run trains on, and which it is evaluated on. */
#ifndef SNAS_LEARN_STREAMS_H
#define SNAS_LEARN_STREAMS_H

#include "snas/config/config.h"
#include "snas/learn/batch_stream.h"

/** The request for the config's data set; photographs become pictures of side `side`. */
snas_dataset_request snas_streams_dataset_request(const snas_config *config, int side);

/** Read the data set that the config names; mean and deviation are the config's where it has them. */
SNAS_MUST_CHECK snas_status snas_streams_open(snas_arena *mem, const snas_config *config, int side, snas_dataset *out);

/** The file of a run folder with the names of its pictures, when they are files. */
#define SNAS_PICTURES_FILE "pictures.txt"

/** Read the data set of a run: the pictures that it began with, when `folder` (may be NULL) lists them. */
SNAS_MUST_CHECK snas_status snas_streams_open_run(snas_arena *mem, const snas_config *config, int side,
                                                  const char *folder, snas_dataset *out);

/** The same with a request that differs from the config's. */
SNAS_MUST_CHECK snas_status snas_streams_open_request(snas_arena *mem, const snas_config *config,
                                                      const snas_dataset_request *request, snas_dataset *out);

/** Side of the set's pictures when it is opened with `side`, told of one that was opened with any. */
int snas_streams_side(const snas_dataset *dataset, int side);

/** What the shorter side of a picture becomes before the middle, of the set's side, is cut out for evaluation. */
int snas_streams_shorter(const snas_config *config, const snas_dataset *dataset);

/** The parts of a search: pictures that train the weights, that move the logits, that validate. */
typedef struct {
    snas_selection train;
    snas_selection logits; /* count 0: the level of the search takes none */
    snas_selection validation;
} snas_search_parts;

/** Make the parts. Held-out: disjoint parts of the training set, drawn by the seed. Without sizes in the config, half
 *  of the pictures train and half validate; with one size, the other part is the rest (training) or of the same size
 *  (validation). A level that takes pictures for the logits has three parts: what the given sizes leave is shared among
 *  the others, two shares for training and one for each of the others, which are at most as large as training. Test:
 *  validation on the test set, as in the published code; training and logits then have one share each. */
SNAS_MUST_CHECK snas_status snas_streams_search(snas_arena *mem, const snas_config *config, const snas_dataset *dataset,
                                                snas_search_parts *out);

/** The two parts of training a child: training pictures (all, or train.train_images of them) and the test set. */
SNAS_MUST_CHECK snas_status snas_streams_train(snas_arena *mem, const snas_config *config, const snas_dataset *dataset,
                                               snas_selection *train, snas_selection *test);

/** A run's config and threads, and how many pictures it takes at a time. Of several processes each prepares its own. */
typedef struct {
    const snas_config *config;
    snas_team team;
    int batch;
    int most; /* of them in one pass of the network; 0: all */
} snas_reader;

/** The request for a loader: the selection in its own order, without augmentation. Workers and queue are the config's;
 *  by default pictures in memory have no workers, and others one for every four threads. */
snas_loader_request snas_streams_request(const snas_reader *reader, const snas_dataset *dataset,
                                         snas_selection selection);

/** The request for training pictures: shuffled, crop and flip from the data section, cutout as given. */
snas_loader_request snas_streams_training_request(const snas_reader *reader, const snas_dataset *dataset,
                                                  snas_selection selection, int cutout);

/** Loaders for these requests. */
SNAS_MUST_CHECK snas_status snas_streams_loader(snas_arena *mem, const snas_reader *reader, const snas_dataset *dataset,
                                                snas_selection selection, snas_loader **out);
SNAS_MUST_CHECK snas_status snas_streams_training_loader(snas_arena *mem, const snas_reader *reader,
                                                         const snas_dataset *dataset, snas_selection selection,
                                                         int cutout, snas_loader **out);

/** Pictures that move a search's logits: shuffled, in a stream of their own; augmented as training pictures when the
 *  search's level says so. */
snas_loader_request snas_streams_logits_request(const snas_reader *reader, const snas_dataset *dataset,
                                                snas_selection logits);
SNAS_MUST_CHECK snas_status snas_streams_logits_loader(snas_arena *mem, const snas_reader *reader,
                                                       const snas_dataset *dataset, snas_selection logits,
                                                       snas_loader **out);

/** Pictures that batch norms are recalibrated on: shuffled, not augmented. */
SNAS_MUST_CHECK snas_status snas_streams_recalibration_loader(snas_arena *mem, const snas_reader *reader,
                                                              const snas_dataset *dataset, snas_selection train,
                                                              snas_loader **out);

#endif
