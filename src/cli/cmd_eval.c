/* cmd_eval.c -- `snas eval`: test trained weights. */
#include <limits.h>
#include <string.h>

#include "eval_report.h"
#include "frame.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/comm/comm.h"
#include "trained.h"

typedef struct {
    const char *target, *genotype, *config, *logits, *top;
    cli_list sets;
    int part, threads, recalibrate;
    bool last, average, mirror, per_class, confusion, json;
} values;

enum { TOP_MAX = 1000000, PART_COUNT = 5, JSON_CONFUSION_MOST = 1000 };
static const char *const PARTS[PART_COUNT] = {"default", "test", "val", "train", "all"};

static const cli_option OPTIONS[] = {
    ARG("RUN|WEIGHTS", values, target, "run folder of `snas train`, or a safetensors file"),
    TEXT("genotype", "FILE|NAME|LINE", values, genotype, "architecture of weights that do not name it"),
    TEXT("config", "CONFIG", values, config, "data, and with --genotype channels and cells"),
    LIST("set", "KEY=VALUE", values, sets, "a config value over --config; repeatable"),
    FLAG("last", 0, values, last, "of a run the last weights instead of the best"),
    FLAG("average", 0, values, average, "of a run the running average of the weights"),
    CHOICE("part", PARTS, PART_COUNT, values, part, "which part of the data set is tested on; else its test pictures"),
    NUMBER("recalibrate", "N", 0, 1000000, values, recalibrate, "first measure the batch norms on N training batches"),
    TEXT("top", "K,K...", values, top, "accuracy among the K best guesses; else 1,5"),
    FLAG("mirror", 0, values, mirror, "also the accuracy of logits averaged over each picture and its mirror image"),
    FLAG("per-class", 0, values, per_class, "also a table of the classes"),
    FLAG("confusion", 0, values, confusion, "also the confusion matrix"),
    TEXT("logits", "FILE", values, logits, "also write the logits of all test pictures there, as safetensors"),
    NUMBER("threads", "N", 1, 1024, values, threads, "else one a processor; same result"),
    FLAG("json", 0, values, json, "the result as JSON"),
    OPTIONS_END,
};

/* "1,5" into numbers; without a text the usual two. */
static snas_status read_tops(snas_arena *mem, const char *text, int **tops, int *count)
{
    const char *at = text == NULL ? "1,5" : text;
    SNAS_NEW(mem, *tops, strlen(at) + 1);
    for (*count = 0;; at++) {
        const size_t length = strcspn(at, ",");
        int64_t k;
        if (!snas_whole(at, length, &k) || k < 1 || k > TOP_MAX) {
            return snas_fail(SNAS_E_USAGE,
                             "--top: found '%s', allowed whole numbers from 1 to %d with commas "
                             "between them\nsee 'snas help eval'",
                             text, TOP_MAX);
        }
        (*tops)[(*count)++] = (int)k;
        at += length;
        if (*at == 0) {
            return SNAS_OK;
        }
    }
}

/* For how many classes a confusion matrix is wanted: the table of the classes names the likeliest mistakes. */
static int confusion_most(const values *v)
{
    const bool asked = v->confusion || (v->per_class && !v->json);
    return asked ? INT_MAX : v->json ? JSON_CONFUSION_MOST : 0;
}

static snas_status report(cli_session *session, const values *v, const cli_evaluation *what)
{
    const snas_evaluated *e = what->result;
    if (v->json) {
        return cli_evaluation_json(session, what);
    }
    SNAS_TRY(cli_evaluation_line(session, what));
    if (v->per_class) {
        SNAS_TRY(cli_evaluation_classes(session, what));
    }
    if (v->confusion) {
        SNAS_TRY(cli_evaluation_confusion(session, what));
    }
    cli_say(session, "%s: %s parameters, %s multiply-adds a picture", what->weights,
            cli_grouped(session->mem, e->parameters), cli_grouped(session->mem, e->macs));
    if (e->recalibration_batches > 0) {
        cli_say(session, "batch norms recalibrated on %d batches", e->recalibration_batches);
    }
    return SNAS_OK;
}

/* The weights, the folder that they are in, and their config. */
static snas_status locate(cli_session *session, const values *v, const char **weights, const char **folder,
                          snas_config *config)
{
    const cli_trained_which which = {.last = v->last, .average = v->average};
    SNAS_TRY(cli_trained_weights(session->mem, v->target, which, weights));
    SNAS_TRY(cli_trained_folder(session->mem, v->target, folder));
    const cli_trained_config from = {.folder = *folder, .config = v->config, .sets = &v->sets};
    return cli_trained_config_load(session->mem, &from, config);
}

static snas_status eval(cli_session *session, const void *opaque)
{
    const values *v = opaque;
    if (v->target == NULL) {
        return snas_comm_agree(snas_fail(SNAS_E_USAGE, "no RUN or WEIGHTS given\nsee 'snas help eval'"));
    }
    const char *weights = NULL, *folder = NULL;
    snas_config config;
    int *tops = NULL, top_count = 0;
    SNAS_TRY(snas_comm_agree(read_tops(session->mem, v->top, &tops, &top_count)));
    SNAS_TRY(snas_comm_agree(locate(session, v, &weights, &folder, &config)));
    snas_genotype genotype;
    if (v->genotype != NULL) {
        SNAS_TRY(snas_comm_agree(snas_genotype_load(session->mem, v->genotype, &genotype)));
    }
    const snas_run_options options = cli_run_options(session, folder, v->threads);
    SNAS_TRY(snas_comm_agree(snas_comm_fits("train.batch", config.train.batch)));
    cli_tell_threads(session, &config, &options);
    snas_evaluated result;
    const snas_evaluation what = {.weights = weights,
                                  .genotype = v->genotype != NULL ? &genotype : NULL,
                                  .logits = v->logits,
                                  .part = v->part > 0 ? PARTS[v->part] : NULL,
                                  .recalibration_batches = v->recalibrate,
                                  .mirror = v->mirror,
                                  .top = tops,
                                  .top_count = top_count,
                                  .confusion_most = confusion_most(v)};
    SNAS_TRY(snas_evaluate(session->mem, &config, &what, &options, &result));
    return report(session, v,
                  &(cli_evaluation){
                      .weights = weights, .part = what.part, .top = tops, .top_count = top_count, .result = &result});
}

const cli_command cli_eval = {
    .name = "eval",
    .brief = "test trained weights",
    .examples = "  snas eval runs/child\n"
                "  snas eval runs/child/weights-last.safetensors --json\n"
                "  snas eval runs/child --average --per-class --confusion\n"
                "  snas eval weights.safetensors --genotype DARTS_V2 --config my.json\n",
    .more = "Without --config the config.json beside the weights is taken, else the defaults.\n"
            "Weights with logits beside them (snas derive --weights) are a supernet's, of the "
            "config's\n"
            "search section: the child that they favour is tested. Tensors that the network has no "
            "use\n"
            "for are ignored with a warning. --logits writes logits [N, classes] and labels [N], "
            "in the\n"
            "order of the test set, without mirror images. --json holds the figures of every class and the confusion "
            "matrix, beyond 1,000\n"
            "classes only with --confusion: the matrix takes 8 bytes times the square of the classes.\n",
    .less_memory = "less memory is needed with fewer --threads",
    .options = OPTIONS,
    .values_size = sizeof(values),
    .many = true,
    .run = eval,
};
