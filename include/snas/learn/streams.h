/* streams.h -- which pictures a run trains on, and which it is judged by. */
#ifndef SNAS_LEARN_STREAMS_H
#define SNAS_LEARN_STREAMS_H

#include "snas/config/config.h"
#include "snas/learn/batch_stream.h"

/** What the config's data set is asked for; photographs become pictures of `side`. */
snas_dataset_request snas_streams_dataset_request(const snas_config *config, int side);

/** Read the data set that the config names; mean and deviation are the config's where it has them. */
SNAS_MUST_CHECK snas_status snas_streams_open(snas_arena *mem, const snas_config *config, int side, snas_dataset *out);

/** A run's folder keeps the names of its pictures in this file, where they are files. */
#define SNAS_PICTURES_FILE "pictures.txt"

/** Read the data set of a run: the pictures that it began with where `folder`, which may be NULL, knows them. */
SNAS_MUST_CHECK snas_status snas_streams_open_run(snas_arena *mem, const snas_config *config, int side,
                                                  const char *folder, snas_dataset *out);

/** The same with a request that asks for more than the config does. */
SNAS_MUST_CHECK snas_status snas_streams_open_request(snas_arena *mem, const snas_config *config,
                                                      const snas_dataset_request *request, snas_dataset *out);

/** What the shorter side of a picture becomes before the middle, of the set's side, is cut out for evaluation. */
int snas_streams_shorter(const snas_config *config, const snas_dataset *dataset);

/** The parts of a search: pictures that train the weights, that move the logits, that validate. */
typedef struct {
    snas_selection train;
    snas_selection logits; /* count 0: the level of the search takes none */
    snas_selection validation;
} snas_search_parts;

/** Cut the parts. Held-out: disjoint parts of the training set, cut by the seed; with nothing said half to train and
 *  half to validate, with one size said the other is the rest (training) or as large (validation). A level that takes
 *  pictures for the logits has three: what is left by the sizes said goes to the others, two shares to training, one to
 *  each of the others, which are at most as large as training. Test: validation on the test set, as the published code
 *  did; then training and logits have a share each. */
SNAS_MUST_CHECK snas_status snas_streams_search(snas_arena *mem, const snas_config *config, const snas_dataset *dataset,
                                                snas_search_parts *out);

/** The two parts of training a child: training pictures (all, or train.train_images of them) and the test set. */
SNAS_MUST_CHECK snas_status snas_streams_train(snas_arena *mem, const snas_config *config, const snas_dataset *dataset,
                                               snas_selection *train, snas_selection *test);

/** Who reads: a run's config and threads, and how many pictures it wants at a time. */
typedef struct {
    const snas_config *config;
    snas_team team;
    int batch;
} snas_reader;

/** What to ask a loader for: the selection in its own order, without augmentation. Workers and queue are the config's;
 *  left to choose, pictures in memory need no worker, and others get one a four threads. */
snas_loader_request snas_streams_request(const snas_reader *reader, const snas_dataset *dataset,
                                         snas_selection selection);

/** What to ask for training pictures: shuffled, crop and flip from the data section, cutout as given. */
snas_loader_request snas_streams_training_request(const snas_reader *reader, const snas_dataset *dataset,
                                                  snas_selection selection, int cutout);

/** The loaders of these requests. */
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

/** Pictures that batch norms are measured on anew: shuffled, not augmented. */
SNAS_MUST_CHECK snas_status snas_streams_recalibration_loader(snas_arena *mem, const snas_reader *reader,
                                                              const snas_dataset *dataset, snas_selection train,
                                                              snas_loader **out);

#endif
