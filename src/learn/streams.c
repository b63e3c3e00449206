/* streams.c -- which pictures a run trains on, and which it is judged by.
 *
 * Search, held-out (n pictures for training, m for validation, N in the training set):
 *      n  m  given        the sizes as they are
 *      n  .  given        m = n, or what is left when that is less
 *      .  m  given        n = N - m
 *      .  .               n = m = N / 2
 *
 * A level with pictures for the logits (h of them) has three parts; N' = N less the sizes that are given:
 *      n = 2 q,  h = q,  m = q for those that are not given,  q = N' / (sum of their shares),    h, m <= n
 * and with validation on the test set n and h share the training set, one to one.
 */
#include "snas/learn/streams.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>

#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/comm/comm.h"
#include "snas/comm/share.h"

static int shorter_of(const snas_config *config, int side)
{
    const double centre = config->data.centre;
    return centre > 0.0 ? (int)rint(side / centre) : side;
}

static snas_photo_options photo_options(const snas_config *config, int side)
{
    const snas_data_config *data = &config->data;
    return (snas_photo_options){
        .side = side,
        .shorter = shorter_of(config, side),
        .least_area = data->least_area,
        .brightness = data->brightness,
        .contrast = data->contrast,
        .saturation = data->saturation,
        .hue = data->hue,
        .scaled_decode = data->scaled_decode,
        .orient = data->orient,
        .skip_broken = data->broken == SNAS_BROKEN_SKIP,
        .layout = data->layout,
        .test_share = data->test_share,
        .split_seed = data->split_seed,
    };
}

snas_dataset_request snas_streams_dataset_request(const snas_config *config, int side)
{
    const snas_data_config *data = &config->data;
    /* The synthetic pictures are one data set, the same for every seed of a run. */
    return (snas_dataset_request){
        .photo = photo_options(config, side),
        .path = data->path,
        .labels = data->labels,
        .seed = 0,
        .train_count = data->synthetic_train,
        .test_count = data->synthetic_test,
        .side = data->synthetic_side,
    };
}

static void take_colours(const snas_colours *from, float to[3])
{
    for (int c = 0; c < 3 && from->given; c++) {
        to[c] = (float)from->value[c];
    }
}

snas_status snas_streams_open(snas_arena *mem, const snas_config *config, int side, snas_dataset *out)
{
    const snas_dataset_request request = snas_streams_dataset_request(config, side);
    return snas_streams_open_request(mem, config, &request, out);
}

snas_status snas_streams_open_run(snas_arena *mem, const snas_config *config, int side, const char *folder,
                                  snas_dataset *out)
{
    snas_dataset_request request = snas_streams_dataset_request(config, side);
    if (folder != NULL) {
        const char *path = snas_format(mem, "%s/%s", folder, SNAS_PICTURES_FILE);
        SNAS_TRY(snas_taken(path));
        request.pictures = snas_file_is(path) ? path : NULL;
    }
    return snas_streams_open_request(mem, config, &request, out);
}

snas_status snas_streams_open_request(snas_arena *mem, const snas_config *config, const snas_dataset_request *request,
                                      snas_dataset *out)
{
    SNAS_TRY(snas_dataset_open(mem, config->data.dataset, request, out));
    take_colours(&config->data.mean, out->mean);
    take_colours(&config->data.deviation, out->deviation);
    return SNAS_OK;
}

int snas_streams_side(const snas_dataset *dataset, int side)
{
    return dataset->train.pixels != NULL ? dataset->train.side : side;
}

int snas_streams_shorter(const snas_config *config, const snas_dataset *dataset)
{
    const int side = dataset->test.side;
    return dataset->test.pixels != NULL ? side : shorter_of(config, side);
}

/* `wanted` pictures, which `key` says, drawn from all of `pictures`; 0: all in their order. */
static snas_status choose(snas_arena *mem, const snas_pictures *pictures, uint64_t seed, const char *key, int wanted,
                          snas_selection *out)
{
    if (wanted == 0) {
        return snas_selection_all(mem, pictures, out);
    }
    if (wanted > pictures->count) {
        return snas_fail(SNAS_E_USAGE, "'%s' is %d, allowed is 0 to %d, as many as the data set has for it", key,
                         wanted, pictures->count);
    }
    snas_selection rest;
    return snas_selection_split(mem, pictures, (snas_split){seed, wanted, 0}, out, &rest);
}

/* Sizes of the parts of a training set. */
typedef struct {
    int train, logits, validation;
} sizes;

static int at_most(int size, int limit)
{
    return size < limit ? size : limit;
}

static sizes halve(sizes s, int all)
{
    if (s.train == 0) {
        s.train = s.validation == 0 ? all / 2 : all - s.validation;
    }
    if (s.validation == 0) {
        s.validation = at_most(s.train, all - s.train);
    }
    return s;
}

/* `weight`: shares of training beside the one of every other part. */
static sizes share(sizes s, int all, int weight, bool held_out)
{
    const int shares = (s.train == 0 ? weight : 0) + (s.logits == 0) + (held_out && s.validation == 0);
    const int left = all - s.train - s.logits - (held_out ? s.validation : 0);
    const int one = shares > 0 ? left / shares : 0;
    s.train = s.train == 0 ? weight * one : s.train;
    s.logits = s.logits == 0 ? at_most(one, s.train) : s.logits;
    s.validation = held_out && s.validation == 0 ? at_most(one, s.train) : s.validation;
    return s;
}

static bool takes_logit_pictures(const snas_config *config)
{
    return snas_search_levels[config->search.level].logit_pictures;
}

static snas_status indivisible(const snas_config *config, int all)
{
    const snas_search_config *s = &config->search;
    const char *third = "";
    char logits[96];
    if (takes_logit_pictures(config)) {
        snprintf(logits, sizeof logits, "a part that moves the logits, 'search.logit_images' %d, ", s->logit_images);
        third = logits;
    }
    return snas_fail(SNAS_E_USAGE,
                     "the %d pictures of the training set cannot be divided into a part to search on, "
                     "'search.train_images' %d, %sand a part to validate on, 'search.validation_images' %d (0: what "
                     "the other%s)",
                     all, s->train_images, third, s->validation_images, third[0] == 0 ? " one leaves" : "s leave");
}

/* `count` pictures of a selection, from place `first` on. */
static snas_selection cut(const snas_selection *from, int first, int count)
{
    return (snas_selection){.pictures = from->pictures, .count = count, .index = from->index + first};
}

static snas_status hold_out(snas_arena *mem, const snas_config *config, const snas_pictures *pictures,
                            snas_search_parts *out)
{
    const snas_search_config *search = &config->search;
    const int all = pictures->count;
    const bool thirds = takes_logit_pictures(config);
    const sizes said = {search->train_images, thirds ? search->logit_images : 0, search->validation_images};
    const sizes s = thirds ? share(said, all, 2, true) : halve(said, all);
    if (s.train <= 0 || s.validation <= 0 || s.train > all - s.validation || (thirds && s.logits <= 0) ||
        s.logits > all - s.validation - s.train) {
        return indivisible(config, all);
    }
    snas_selection rest;
    SNAS_TRY(snas_selection_split(mem, pictures, (snas_split){config->seed, s.train, s.validation + s.logits},
                                  &out->train, &rest));
    out->validation = cut(&rest, 0, s.validation);
    out->logits = cut(&rest, s.validation, s.logits);
    return SNAS_OK;
}

/* Validation is on the test set: training and logits share the training set. */
static snas_status halve_training(snas_arena *mem, const snas_config *config, const snas_pictures *pictures,
                                  snas_search_parts *out)
{
    const snas_search_config *search = &config->search;
    const int all = pictures->count;
    const sizes s = share((sizes){search->train_images, search->logit_images, 0}, all, 1, false);
    return s.train > 0 && s.logits > 0 && s.train <= all - s.logits
               ? snas_selection_split(mem, pictures, (snas_split){config->seed, s.train, s.logits}, &out->train,
                                      &out->logits)
               : snas_fail(SNAS_E_USAGE,
                           "the %d pictures of the training set cannot be divided into a part to search on, "
                           "'search.train_images' %d, and a part that moves the logits, 'search.logit_images' %d (0: "
                           "what the other one leaves)",
                           all, search->train_images, search->logit_images);
}

snas_status snas_streams_search(snas_arena *mem, const snas_config *config, const snas_dataset *dataset,
                                snas_search_parts *out)
{
    const snas_search_config *search = &config->search;
    *out = (snas_search_parts){0};
    if (search->validate == SNAS_VALIDATE_HELD_OUT) {
        return hold_out(mem, config, &dataset->train, out);
    }
    SNAS_TRY(takes_logit_pictures(config) ? halve_training(mem, config, &dataset->train, out)
                                          : choose(mem, &dataset->train, config->seed, "search.train_images",
                                                   search->train_images, &out->train));
    return choose(mem, &dataset->test, config->seed, "search.validation_images", search->validation_images,
                  &out->validation);
}

snas_status snas_streams_train(snas_arena *mem, const snas_config *config, const snas_dataset *dataset,
                               snas_selection *train, snas_selection *test)
{
    SNAS_TRY(choose(mem, &dataset->train, config->seed, "train.train_images", config->train.train_images, train));
    return snas_selection_all(mem, &dataset->test, test);
}

enum { THREADS_A_WORKER = 4 };

/* Workers where the config leaves it open. To prepare a picture of memory costs less than to hand it over. */
static int choose_workers(const snas_pictures *pictures, snas_team team)
{
    if (pictures->pixels != NULL) {
        return 0;
    }
    return team.threads > THREADS_A_WORKER ? team.threads / THREADS_A_WORKER : 1;
}

snas_loader_request snas_streams_request(const snas_reader *reader, const snas_dataset *dataset,
                                         snas_selection selection)
{
    const snas_data_config *data = &reader->config->data;
    return (snas_loader_request){
        .dataset = dataset,
        .selection = selection,
        .seed = reader->config->seed,
        .batch = reader->batch,
        .workers = data->workers >= 0 ? data->workers : choose_workers(selection.pictures, reader->team),
        .queue = data->queue,
        .share = {.owns = snas_comm_ranks() > 1 ? snas_share_owns : NULL,
                  .most = reader->most,
                  .shards = reader->config->shards},
        .team = reader->team,
    };
}

snas_loader_request snas_streams_training_request(const snas_reader *reader, const snas_dataset *dataset,
                                                  snas_selection selection, int cutout)
{
    const snas_data_config *data = &reader->config->data;
    snas_loader_request request = snas_streams_request(reader, dataset, selection);
    request.shuffle = true;
    request.stream = SNAS_PICTURES_TRAIN;
    request.augment = (snas_augment){.photo = selection.pictures->pixels == NULL,
                                     .crop_pad = data->crop_pad,
                                     .flip = data->flip,
                                     .alternates = data->flip_alternates,
                                     .cutout = cutout};
    return request;
}

snas_status snas_streams_loader(snas_arena *mem, const snas_reader *reader, const snas_dataset *dataset,
                                snas_selection selection, snas_loader **out)
{
    const snas_loader_request request = snas_streams_request(reader, dataset, selection);
    return snas_loader_create(mem, &request, out);
}

snas_status snas_streams_training_loader(snas_arena *mem, const snas_reader *reader, const snas_dataset *dataset,
                                         snas_selection selection, int cutout, snas_loader **out)
{
    const snas_loader_request request = snas_streams_training_request(reader, dataset, selection, cutout);
    return snas_loader_create(mem, &request, out);
}

snas_loader_request snas_streams_logits_request(const snas_reader *reader, const snas_dataset *dataset,
                                                snas_selection logits)
{
    const snas_search_config *search = &reader->config->search;
    snas_loader_request request = snas_search_levels[search->level].augments
                                      ? snas_streams_training_request(reader, dataset, logits, search->cutout)
                                      : snas_streams_request(reader, dataset, logits);
    request.shuffle = true;
    request.stream = SNAS_PICTURES_LOGITS;
    return request;
}

snas_status snas_streams_logits_loader(snas_arena *mem, const snas_reader *reader, const snas_dataset *dataset,
                                       snas_selection logits, snas_loader **out)
{
    const snas_loader_request request = snas_streams_logits_request(reader, dataset, logits);
    return snas_loader_create(mem, &request, out);
}

snas_status snas_streams_recalibration_loader(snas_arena *mem, const snas_reader *reader, const snas_dataset *dataset,
                                              snas_selection train, snas_loader **out)
{
    snas_loader_request request = snas_streams_request(reader, dataset, train);
    request.shuffle = true;
    request.stream = SNAS_PICTURES_RECALIBRATE;
    return snas_loader_create(mem, &request, out);
}
