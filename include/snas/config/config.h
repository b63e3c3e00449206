/* config.h -- all settings of a run, typed. The table in schema.c fills it from JSON and has the defaults and ranges.
 */
#ifndef SNAS_CONFIG_CONFIG_H
#define SNAS_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "snas/arch/estimator.h"
#include "snas/arch/temperature.h"
#include "snas/base/arena.h"
#include "snas/data/dataset.h"
#include "snas/format/json.h"
#include "snas/model/network.h"
#include "snas/optim/optim.h"
#include "snas/space/cost.h"
#include "snas/space/space.h"

typedef enum { SNAS_VALIDATE_HELD_OUT, SNAS_VALIDATE_TEST, SNAS_VALIDATE_COUNT } snas_validate;
extern const char *const snas_validate_names[SNAS_VALIDATE_COUNT]; /* "held-out", "test" */

/** How the gradient of the resource term reaches the logits: the values of search.resource.method. */
typedef enum {
    SNAS_RESOURCE_REPARAMETRIZATION,
    SNAS_RESOURCE_DISCRETE,
    SNAS_RESOURCE_POLICY_GRADIENT,
    SNAS_RESOURCE_GRADIENT_COUNT
} snas_resource_gradient;
extern const char *const snas_resource_gradient_names[SNAS_RESOURCE_GRADIENT_COUNT]; /* "reparametrization", ... */

/** Which pictures update what in a step: the values of search.level. src/search has a file for each. */
typedef enum {
    SNAS_LEVEL_UNSET = -1, /* the method's own: in no config that has been read */
    SNAS_LEVEL_SINGLE,
    SNAS_LEVEL_BILEVEL,
    SNAS_LEVEL_BILEVEL_SECOND_ORDER,
    SNAS_LEVEL_REWARD,
    SNAS_LEVEL_WEIGHTS,
    SNAS_LEVEL_COUNT
} snas_search_level;

typedef struct {
    const char *name, *brief;
    bool logit_pictures; /* takes pictures of a part of their own, beside those that train the weights */
    bool augments;       /* those as the training pictures; else they are as they are */
    int passes;          /* of a step, a way back counted twice */
} snas_search_level_row;
extern const snas_search_level_row snas_search_levels[SNAS_LEVEL_COUNT];
snas_search_level snas_search_level_find(const char *name); /* UNSET when there is none */

enum { SNAS_METHOD_CHOICES_MAX = 4 };

/** A method of a search: estimators and levels that go with it, the first its own; both end with NULL. */
typedef struct {
    const char *name, *brief;
    const char *estimators[SNAS_METHOD_CHOICES_MAX], *levels[SNAS_METHOD_CHOICES_MAX];
} snas_search_method;
extern const snas_search_method snas_search_methods[];               /* ends with name NULL */
const snas_search_method *snas_search_method_find(const char *name); /* NULL when there is none */

/** Is the name in a list of a method? */
bool snas_search_method_takes(const char *const *names, const char *name);

/** Does the resource term reach the logits that way, with that estimator? */
bool snas_resource_gradient_works(snas_resource_gradient way, const snas_estimator *estimator);

/** What a drawn path earns: the values of search.reward.measure. */
typedef enum { SNAS_REWARD_ACCURACY, SNAS_REWARD_LOSS, SNAS_REWARD_COUNT } snas_reward_measure;
extern const char *const snas_reward_names[SNAS_REWARD_COUNT]; /* "accuracy", "loss" */

/** What comes of more skips than search.stop.skips: the values of search.stop.on_skips. */
typedef enum { SNAS_SKIPS_WARN, SNAS_SKIPS_STOP, SNAS_SKIPS_COUNT } snas_on_skips;
extern const char *const snas_on_skips_names[SNAS_SKIPS_COUNT]; /* "warn", "stop" */

/** A number a channel: red, green, blue. */
typedef struct {
    bool given;
    double value[3];
} snas_colours;

typedef enum { SNAS_LOGITS_ADAM, SNAS_LOGITS_SGD, SNAS_LOGITS_COUNT } snas_logit_optimizer;
extern const char *const snas_logit_optimizer_names[SNAS_LOGITS_COUNT]; /* "adam", "sgd" */
typedef enum { SNAS_BROKEN_STOP, SNAS_BROKEN_SKIP, SNAS_BROKEN_COUNT } snas_broken;
extern const char *const snas_broken_names[SNAS_BROKEN_COUNT]; /* "stop", "skip" */

/* data.* */
typedef struct {
    const snas_dataset_row *dataset; /* name */
    const char *path;                /* NULL: $SNAS_DATA, then data/ */
    snas_labels labels;
    int synthetic_train, synthetic_test, synthetic_side;
    snas_colours mean, deviation; /* of pixels in 0..1; not given: the data set's own */
    int crop_pad;
    bool flip, flip_alternates;
    int workers; /* threads that prepare pictures ahead; 0: the run's own, between steps; -1: as it suits */
    int queue;   /* batches ahead of the step, with workers */
    /* data.photos.* */
    double centre; /* evaluation: side over what the shorter side becomes */
    double least_area;
    double brightness, contrast, saturation, hue;
    bool scaled_decode;
    bool orient; /* hold a picture as its EXIF orientation says */
    snas_broken broken;
    snas_layout layout;
    double test_share;
    uint64_t split_seed; /* of the division of a folder of classes */
} snas_data_config;

/* the weights' optimiser: search.weights.*, train.weights.* */
typedef struct {
    double rate, rate_last;             /* learning rate at the first and the last epoch */
    const snas_rate_schedule *schedule; /* stepped every epoch, as published */
    double step_factor;                 /* schedule "step" */
    int step_epochs;
    int warmup; /* epochs in which the rate rises from step to step, before the schedule begins */
    double momentum, decay, clip;
    bool decay_norms_and_biases;     /* decay reaches gamma, beta and biases too */
    double pace_of_norms_and_biases; /* their learning rate, as a multiple of the others' */
    bool nesterov;
} snas_weights_config;

/* search.* */
typedef struct {
    const snas_search_method *method;
    snas_search_level level;
    const snas_space *space;
    const char *benchmark; /* table of known accuracies; NULL: the one that comes with the program, if there is one */
    snas_stem stem;
    int side; /* of the pictures, where they have any size */
    int channels, cells, epochs, batch;
    bool recompute;        /* convolutions' outputs are made again instead of stored */
    bool affine;           /* batch norms of the cells with gamma and beta */
    int train_images;      /* 0: all that validation leaves */
    int logit_images;      /* of levels that take some; 0: as snas_streams_search says */
    int validation_images; /* held-out; 0: as many as for training, all in all half the set */
    snas_validate validate;
    int cutout;
    double drop_path;    /* probability on the mixed edge */
    bool drop_path_ramp; /* from 0 to drop_path over the epochs instead of constant */
    double skip_below;   /* z / tau below which a candidate does not run in a step; 0: all run */
    snas_weights_config weights;
    /* search.logits.* */
    double logit_mean, logit_std;
    snas_logit_optimizer logit_optimizer;
    snas_adam adam; /* SGD takes rate and decay; rate NaN: null, by the rule of src/search/rate_rule.c */
    double logit_clip;
    int logit_warmup; /* epochs in which only the weights move */
    const snas_estimator *estimator;
    bool draw_per_cell; /* a fresh draw for every cell instead of one a cell type */
    /* search.reward.* */
    snas_reward_measure reward;
    double reward_decay;   /* of the moving baseline */
    double reward_entropy; /* weight of the entropy's bonus */
    /* search.random.* */
    int random_cells, random_batches; /* batches 0: all of the logits' pictures */
    /* search.stop.* */
    double stop_entropy;         /* 0: never */
    int stop_unchanged;          /* epochs, 0: never */
    int stop_skips;              /* 0: any number */
    snas_on_skips stop_on_skips; /* what comes of more */
    /* search.temperature.* */
    const snas_temperature *temperature;
    double tau_first, tau_last;
    int tau_epochs;                               /* 0: all epochs */
    double budget_parameters, budget_macs;        /* search.budget.*, of the child that train will build; NaN: none */
    double budget_latency_ms, budget_flash_bytes; /* of it too */
    /* search.resource.* */
    bool resource; /* false: lambda * R is only reported */
    snas_penalty penalty;
    const char *table; /* of measured times, a file; NULL: none */
    snas_resource_gradient resource_gradient;
    double lambda;
    int preset;                /* the named lambda that was asked for, already in lambda; -1: none */
    bool baseline;             /* policy_gradient: costs less the mean cost */
    int recalibration_batches; /* derive --evaluate */
} snas_search_config;

/* train.* */
typedef struct {
    snas_stem stem;
    int side; /* of the pictures, where they have any size */
    int channels, cells, epochs, batch;
    int small_side;     /* of the pictures of the first epochs; 0: as of the others */
    double small_share; /* of the epochs */
    bool recompute;     /* as in search */
    int micro_batch;    /* pictures a forward pass, at most; 0: the whole batch */
    int train_images;   /* 0: all */
    int cutout;
    double drop_path;
    bool drop_path_ramp; /* published: true */
    double label_smoothing;
    double auxiliary;          /* weight of the auxiliary classifier's loss, 0: none */
    double average_decay;      /* of the running average of the weights, 0: none */
    int evaluate_every;        /* epochs; the last one is always judged */
    int recalibration_batches; /* before an evaluation, 0: none */
    int patience;              /* evaluations without a new best before the run ends, 0: never */
    snas_weights_config weights;
} snas_train_config;

typedef struct {
    uint64_t seed;
    int checkpoint_steps; /* also write a checkpoint every so many steps; 0: only at the end of an epoch */
    int keep_checkpoints; /* older ones are removed; at least 1 */
    int shards;           /* that a batch is cut into */
    bool tensorboard;     /* write event files */
    snas_data_config data;
    snas_search_config search;
    snas_train_config train;
    const char *text; /* the resolved config as JSON, for the run folder */
    /** Of a run that goes on under another config than it had: what has changed, for people, and the old config's text;
     *  both NULL when nothing has. */
    const char *changes, *text_before;
} snas_config;

/** Read defaults, then the file (NULL: none), then the --set texts "key.path=value" (value JSON, else a string). All
 *  faults are reported at once, 20 at most, each a line "file:line:column: key: found X, allowed Y". On success
 *  out->text is the resolved config. Strings live in `mem`. SNAS_E_USAGE on faults, SNAS_E_IO when the file cannot be
 *  read. */
SNAS_MUST_CHECK snas_status snas_config_load(snas_arena *mem, const char *path, const char *const *sets, int set_count,
                                             snas_config *out);

/** Likewise, and also what the networks of both sections and their pictures refuse, as far as the config alone tells:
 *  what a command finds when it builds its own one of them. */
SNAS_MUST_CHECK snas_status snas_config_check(snas_arena *mem, const char *path, const char *const *sets, int set_count,
                                              snas_config *out);

/** How many budgets of search.budget are given. */
int snas_config_budgets(const snas_search_config *search);

/** Values laid over those before: of a file, of an object that stands in another document, or a text of --set. */
typedef struct {
    const snas_json *object; /* NULL: of the file */
    const char *source;      /* path of the file, or of the document, for messages */
    const char *set;         /* "key.path=value"; NULL: one of the others */
} snas_config_layer;

/** Read defaults, then the layers in their order. As snas_config_load otherwise. */
SNAS_MUST_CHECK snas_status snas_config_load_layers(snas_arena *mem, const snas_config_layer *layers, int count,
                                                    snas_config *out);

/** The config `path` of a run that has begun, with --set texts over it that may change only what the table says may
 *  change then: another value for any other key is a fault that names those. Fills out->changes. */
SNAS_MUST_CHECK snas_status snas_config_resume(snas_arena *mem, const char *path, const char *const *sets,
                                               int set_count, snas_config *out);

#endif
