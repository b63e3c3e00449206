/* evaluate.c -- `snas eval`: accuracy of trained weights on the test pictures.
 *
 * Our own weights say what network they belong to, and how their pictures were normalised; weights from elsewhere need
 * the genotype, and take C and L from the config's train section. Logits beside the weights mean a supernet, which is
 * judged as the child that they favour, with C and L of the search section.
 */
#include <string.h>

#include "snas/base/log.h"
#include "snas/base/text.h"
#include "snas/comm/comm.h"
#include "snas/config/config.h"
#include "snas/judge/evaluate.h"
#include "snas/learn/accuracy.h"
#include "snas/learn/child_file.h"
#include "snas/learn/class_names.h"
#include "snas/learn/flaw_report.h"
#include "snas/learn/run_network.h"
#include "snas/learn/run_options.h"
#include "snas/learn/streams.h"
#include "snas/search/supernet_file.h"
#include "snas/space/genotype.h"
#include "snas/train/train.h"
#include "snas/train/train_step.h"

/* The network that the file belongs to, and the normalisation of its pictures. */
static snas_status describe(snas_arena *mem, const snas_config *config, const snas_evaluation *what,
                            const snas_tensor_file *file, snas_genotype *genotype, snas_child *child)
{
    bool found;
    SNAS_TRY(snas_child_parse(mem, what->weights, file, &found, child, genotype));
    if (what->genotype != NULL) {
        *genotype = *what->genotype;
        if (!found) {
            *child = (snas_child){
                .stem = config->train.stem, .channels = config->train.channels, .cells = config->train.cells};
        }
        return SNAS_OK;
    }
    return found
               ? SNAS_OK
               : snas_fail(SNAS_E_USAGE, "the weights '%s' do not say which network they belong to; give its genotype",
                           what->weights);
}

/* The labels of a part by the numbers that the weights know their classes under. */
static snas_status renumber(snas_arena *mem, const int *map, snas_pictures *pictures)
{
    int *labels;
    SNAS_NEW(mem, labels, pictures->count);
    for (int i = 0; i < pictures->count; i++) {
        labels[i] = map[pictures->labels[i]];
    }
    pictures->labels = labels;
    return SNAS_OK;
}

/* The data set's classes are the weights', by their names, in whatever order. Where either has none, numbers count. */
static snas_status fit_classes(snas_arena *mem, const char *const *known, const char *path, snas_dataset *dataset)
{
    char stranger[256], lacking[256];
    snas_class_match match;
    const snas_class_lists lists = {dataset->classes, known, dataset->class_names};
    if (lists.known == NULL || lists.found == NULL) {
        return SNAS_OK;
    }
    SNAS_TRY(snas_class_names_match(mem, &lists, &match));
    if (match.stranger >= 0) {
        return snas_fail(SNAS_E_USAGE,
                         "the data set '%s' has the class '%s', which the weights '%s' do not know, and lacks their "
                         "class '%s'",
                         dataset->name, snas_printable(stranger, sizeof stranger, lists.found[match.stranger]), path,
                         snas_printable(lacking, sizeof lacking, lists.known[match.lacking]));
    }
    if (!match.same) {
        snas_log(SNAS_LOG_INFO, "the classes of '%s' stand in another order than the weights': matched by their names",
                 dataset->name);
        SNAS_TRY(renumber(mem, match.map, &dataset->train));
        SNAS_TRY(renumber(mem, match.map, &dataset->test));
        dataset->class_names = known;
    }
    return SNAS_OK;
}

/* Pictures as the weights know them. */
static snas_status fit_dataset(snas_arena *mem, const snas_child *child, const char *path, snas_dataset *dataset)
{
    if (child->classes == 0) {
        return SNAS_OK;
    }
    if (child->classes != dataset->classes || child->side != dataset->test.side) {
        return snas_fail(SNAS_E_USAGE,
                         "the weights '%s' are for %d classes and pictures of side %d; the data "
                         "set '%s' has %d and %d",
                         path, child->classes, child->side, dataset->name, dataset->classes, dataset->test.side);
    }
    memcpy(dataset->mean, child->mean, sizeof child->mean);
    memcpy(dataset->deviation, child->deviation, sizeof child->deviation);
    return fit_classes(mem, child->class_names, path, dataset);
}

/* The part of the data set that is to be tested on, its pictures as the child knows them; NULL: as the config says. */
static snas_status open_part(snas_arena *mem, const snas_config *config, const snas_evaluation *what,
                             const snas_child *child, snas_dataset *out)
{
    const int side = child == NULL ? config->search.side : child->side > 0 ? child->side : config->train.side;
    snas_dataset_request request = snas_streams_dataset_request(config, side);
    request.part = what->part;
    if (child != NULL && child->classes > 0) {
        request.photo.orient = child->orient;
    }
    SNAS_TRY(snas_streams_open_request(mem, config, &request, out));
    if (out->note != NULL) {
        snas_log(SNAS_LOG_INFO, "%s", out->note);
    }
    return SNAS_OK;
}

/* What a division by the program means for a test: `then` is that of the weights' training, NULL when they do not say.
 */
static void tell_division(const char *then, const snas_evaluation *what, const snas_dataset *set)
{
    const char *now = set->division;
    const snas_division_kinship kinship = snas_division_compare(then, now);
    if (now == NULL || (what->part != NULL && strcmp(what->part, "train") == 0)) {
        return;
    }
    if (what->part != NULL && strcmp(what->part, "all") == 0) {
        if (kinship == SNAS_DIVISION_SAME || kinship == SNAS_DIVISION_ANOTHER) {
            snas_log(SNAS_LOG_WARNING, "the weights were trained on most of these pictures");
        }
        return;
    }
    if (kinship == SNAS_DIVISION_ANOTHER) {
        snas_log(SNAS_LOG_WARNING,
                 "the weights were trained on another division of these pictures (%.*s; here %.*s): pictures that they "
                 "were trained on are among those that they are tested on",
                 snas_division_rule(then), then, snas_division_rule(now), now);
    } else if (kinship != SNAS_DIVISION_SAME) {
        snas_log(SNAS_LOG_INFO,
                 "tested on %d of %d pictures, those that data.photos.test_share leaves for it: the folder is not "
                 "divided into parts; '--part all' tests on all of them",
                 set->test.count, set->test.count + set->train.count);
    }
}

/* Measure the batch norms anew, on pictures that the weights were trained on. *batches: wanted, then taken. */
static snas_status recalibrate(snas_arena *mem, const snas_reader *reader, snas_watch *watch, int *batches,
                               snas_opened *opened)
{
    const snas_config *config = reader->config;
    snas_search_parts parts;
    SNAS_TRY(opened->judged.batch.z != NULL
                 ? snas_streams_search(mem, config, &opened->dataset, &parts)
                 : snas_streams_train(mem, config, &opened->dataset, &parts.train, &parts.validation));
    opened->judged.phase = "recalibrate";
    SNAS_TRY(snas_streams_recalibration_loader(mem, reader, &opened->dataset, parts.train, &opened->judged.loader));
    return snas_recalibrate(&opened->judged, watch, *batches, batches);
}

/* Room for the logits of all test pictures. */
static snas_status want_logits(snas_arena *mem, const snas_dataset *dataset, snas_judged *judged)
{
    const size_t images = (size_t)dataset->test.count;
    judged->classes = dataset->classes;
    SNAS_NEW(mem, judged->logits, images * (size_t)dataset->classes);
    SNAS_NEW(mem, judged->labels, images);
    return SNAS_OK;
}

/* The test pictures again, mirrored: the tally counts the mean of both logits, (x + x') / 2 [images, classes]. */
static snas_status measure_mirrored(snas_arena *mem, const snas_reader *reader, snas_selection test, snas_watch *watch,
                                    const snas_opened *opened, snas_tally *tally)
{
    const snas_dataset *dataset = &opened->dataset;
    snas_judged judged = opened->judged;
    snas_accuracy alone;
    snas_loader_request request = snas_streams_request(reader, dataset, test);
    request.augment.mirror = true;
    judged.phase = "mirrored";
    judged.tally = NULL;
    SNAS_TRY(want_logits(mem, dataset, &judged));
    SNAS_TRY(snas_loader_create(mem, &request, &judged.loader));
    SNAS_TRY(snas_accuracy_measure(&judged, watch, &alone));
    for (int64_t i = 0; i < alone.images * judged.classes; i++) {
        judged.logits[i] = 0.5f * (judged.logits[i] + opened->judged.logits[i]);
    }
    snas_tally_add(tally, judged.logits, dataset->test.labels, (int)alone.images);
    return SNAS_OK;
}

/* What is measured of a network. */
typedef struct {
    int batches;          /* of a recalibration: wanted, then taken */
    snas_tally *mirrored; /* the answers with mirror images; NULL: not wanted */
    snas_accuracy test;
} measured;

static snas_status measure(snas_arena *mem, const snas_config *config, const snas_run_options *options,
                           snas_opened *opened, measured *out)
{
    const snas_reader reader = {config, options->team, snas_train_micro_batch(&config->train), 0};
    snas_watch watch = snas_watch_make(options);
    snas_selection test;
    if (out->batches > 0) {
        SNAS_TRY(recalibrate(mem, &reader, &watch, &out->batches, opened));
    }
    opened->judged.phase = "test";
    SNAS_TRY(snas_selection_all(mem, &opened->dataset.test, &test));
    SNAS_TRY(snas_streams_loader(mem, &reader, &opened->dataset, test, &opened->judged.loader));
    SNAS_TRY(snas_accuracy_measure(&opened->judged, &watch, &out->test));
    if (out->mirrored != NULL) {
        SNAS_TRY(measure_mirrored(mem, &reader, test, &watch, opened, out->mirrored));
    }
    snas_flaws_warn(&opened->dataset.test);
    return SNAS_OK;
}

static snas_status save_logits(snas_arena *mem, const char *path, const snas_judged *judged, int64_t images)
{
    snas_named_tensor tensors[] = {
        {.name = "logits",
         .dtype = SNAS_F32,
         .dims = 2,
         .shape = {images, judged->classes},
         .data = judged->logits,
         .count = images * judged->classes},
        {.name = "labels", .dtype = SNAS_I64, .dims = 1, .shape = {images}, .data = judged->labels, .count = images}};
    const snas_tensor_file file = {.tensors = tensors, .count = 2};
    return snas_safetensors_save_finite(mem, path, &file);
}

/* The network of a child that the file's weights belong to, and what it counts. */
static snas_status open_child(snas_arena *mem, const snas_config *config, const snas_evaluation *what,
                              const snas_run_options *options, snas_opened *opened)
{
    snas_genotype genotype;
    snas_child child;
    SNAS_TRY(describe(mem, config, what, &opened->file, &genotype, &child));
    SNAS_TRY(open_part(mem, config, what, &child, &opened->dataset));
    tell_division(child.division, what, &opened->dataset);
    SNAS_TRY(fit_dataset(mem, &child, what->weights, &opened->dataset));
    child.classes = opened->dataset.classes;
    child.side = opened->dataset.test.side;
    const snas_child_weights weights = {
        .path = what->weights, .file = &opened->file, .child = &child, .genotype = &genotype};
    const snas_network_spec spec = snas_child_spec(&weights);
    snas_network_options how =
        snas_run_network_options(snas_train_micro_batch(&config->train), config->shards, false, options->kernels);
    how.training = opened->recalibrates;
    SNAS_TRY(snas_network_count(mem, &spec, &opened->size, NULL));
    return snas_child_open(mem, &weights, &options->team, &how, &opened->judged.network);
}

/* The same for a supernet, whose file names its classes in its metadata. */
static snas_status fit_supernet_classes(snas_arena *mem, const char *path, snas_opened *opened)
{
    const char *text = snas_metadata_find(&opened->file, "snas.classes");
    const snas_json *list;
    const char *const *known;
    if (text == NULL) {
        return SNAS_OK;
    }
    SNAS_TRY(snas_json_parse(mem, path, (snas_bytes){text, strlen(text)}, &list));
    SNAS_TRY(snas_class_names_read(mem, list, opened->dataset.classes, &known));
    return known == NULL ? snas_fail(SNAS_E_USAGE, "the supernet '%s' is for %d classes; the data set '%s' has %d",
                                     path, list->count, opened->dataset.name, opened->dataset.classes)
                         : fit_classes(mem, known, path, &opened->dataset);
}

static snas_status open_supernet(snas_arena *mem, const snas_config *config, const snas_evaluation *what,
                                 const snas_run_options *options, snas_opened *opened)
{
    if (what->genotype != NULL) {
        return snas_fail(SNAS_E_USAGE,
                         "'%s' holds a supernet and its logits, which name the child: it takes no "
                         "genotype",
                         what->weights);
    }
    SNAS_TRY(open_part(mem, config, what, NULL, &opened->dataset));
    tell_division(snas_metadata_find(&opened->file, "snas.division"), what, &opened->dataset);
    SNAS_TRY(fit_supernet_classes(mem, what->weights, opened));
    SNAS_TRY(snas_supernet_open(mem, config, options, what->weights, opened));
    return snas_run_network_load(opened->judged.network, &opened->file, what->weights);
}

static snas_status make_tally(snas_arena *mem, const snas_evaluation *what, int classes, snas_tally **out)
{
    const bool confusion = classes <= what->confusion_most;
    const snas_status status = snas_tally_create(mem, classes, confusion, out);
    if (status != SNAS_E_MEMORY || !confusion) {
        return status;
    }
    return snas_fail(SNAS_E_FAILED,
                     "the confusion matrix of %d classes would need %.1f GiB of memory, which there is not; without "
                     "--confusion and --per-class none is needed",
                     classes, 8.0 * classes * classes / (1024.0 * 1024.0 * 1024.0));
}

/* Accuracy among the k best guesses, for every k that is asked for. */
static snas_status read_tops(snas_arena *mem, const snas_evaluation *what, const snas_tally *tally, const double **out)
{
    double *top;
    SNAS_NEW(mem, top, what->top_count);
    for (int i = 0; i < what->top_count; i++) {
        top[i] = snas_tally_top(tally, what->top[i]);
    }
    *out = top;
    return SNAS_OK;
}

static snas_status open_weights(snas_arena *mem, const snas_config *config, const snas_evaluation *what,
                                const snas_run_options *options, snas_opened *opened)
{
    SNAS_TRY(snas_safetensors_load(mem, what->weights, &opened->file));
    return snas_supernet_is(mem, config->search.space, &opened->file)
               ? open_supernet(mem, config, what, options, opened)
               : open_child(mem, config, what, options, opened);
}

snas_status snas_evaluate(snas_arena *mem, const snas_config *config, const snas_evaluation *what,
                          const snas_run_options *options, snas_evaluated *out)
{
    snas_opened opened = {.recalibrates = what->recalibration_batches > 0};
    measured all = {.batches = what->recalibration_batches};
    SNAS_TRY(snas_comm_agree(open_weights(mem, config, what, options, &opened)));
    const snas_dataset *dataset = &opened.dataset;
    SNAS_TRY(make_tally(mem, what, dataset->classes, &opened.judged.tally));
    if (what->mirror) {
        SNAS_TRY(snas_tally_create(mem, dataset->classes, false, &all.mirrored));
    }
    if (what->logits != NULL || what->mirror) {
        SNAS_TRY(want_logits(mem, dataset, &opened.judged));
    }
    SNAS_TRY(measure(mem, config, options, &opened, &all));
    const snas_accuracy test = all.test;
    *out = (snas_evaluated){.loss = test.loss,
                            .accuracy = test.accuracy,
                            .accuracy_top5 = test.accuracy_top5,
                            .mirrored = what->mirror ? snas_tally_top(all.mirrored, 1) : 0.0,
                            .images = (int)test.images,
                            .classes = dataset->classes,
                            .class_names = dataset->class_names,
                            .of_class = opened.judged.tally->of_class,
                            .correct = opened.judged.tally->correct,
                            .confusion = opened.judged.tally->confusion,
                            .recalibration_batches = all.batches,
                            .parameters = opened.size.parameters,
                            .macs = opened.size.macs};
    SNAS_TRY(read_tops(mem, what, opened.judged.tally, &out->top));
    if (what->mirror) {
        SNAS_TRY(read_tops(mem, what, all.mirrored, &out->mirrored_top));
    }
    return what->logits == NULL ? SNAS_OK : save_logits(mem, what->logits, &opened.judged, test.images);
}
