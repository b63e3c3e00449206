/* cmd_eval.c -- `snas eval`: test trained weights. */
#include <inttypes.h>
#include <string.h>

#include "frame.h"
#include "snas/base/file.h"
#include "snas/base/text.h"

typedef struct {
    const char *target, *genotype, *config, *logits;
    cli_list sets;
    int threads;
    bool last, json;
} values;

static const cli_option OPTIONS[] = {
    ARG("RUN|WEIGHTS", values, target, "run folder of `snas train`, or a safetensors file"),
    TEXT("genotype", "FILE|NAME", values, genotype, "architecture of weights that do not name it"),
    TEXT("config", "CONFIG", values, config, "data, and with --genotype channels and cells"),
    LIST("set", "KEY=VALUE", values, sets, "a config value over --config; repeatable"),
    FLAG("last", 0, values, last, "of a run the last weights instead of the best"),
    TEXT("logits", "FILE", values, logits,
         "also write the logits of all test pictures there, as safetensors"),
    NUMBER("threads", "N", 1, 1024, values, threads, "else one a processor; same result"),
    FLAG("json", 0, values, json, "the result as JSON"),
    OPTIONS_END,
};

/* The weights, their config (--config, else the one beside them, else the defaults), the folder they are in. */
static snas_status locate(cli_session *session, const values *v, const char **weights,
                          const char **folder, cli_settings *settings)
{
    const bool is_run = snas_folder_is(v->target);
    const char *slash = strrchr(v->target, '/');
    if (is_run) {
        *folder = v->target;
        *weights = snas_format(session->mem, "%s/weights-%s.safetensors", v->target,
                               v->last ? "last" : "best");
    } else {
        *folder = slash == NULL
                      ? "."
                      : snas_format(session->mem, "%.*s", (int)(slash - v->target), v->target);
        *weights = v->target;
    }
    const char *beside =
        *folder == NULL ? NULL : snas_format(session->mem, "%s/config.json", *folder);
    if (*weights == NULL || beside == NULL) {
        return SNAS_E_MEMORY;
    }
    if (is_run && !snas_file_is(*weights)) {
        return snas_fail(SNAS_E_IO, "no trained weights in '%s': '%s' is missing", v->target,
                         *weights);
    }
    if (!snas_file_is(*weights)) {
        return snas_fail(SNAS_E_IO, "no file '%s'", *weights);
    }
    const char *config = v->config != NULL ? v->config : snas_file_is(beside) ? beside : NULL;
    return cli_settings_load(session->mem, config, v->sets.items, v->sets.count, settings);
}

static snas_status print_result(cli_session *session, const values *v, const char *weights,
                                const snas_evaluated *e)
{
    if (!v->json) {
        cli_print(session, "test accuracy %.2f %%, top-5 %.2f %%, loss %.4f, %s pictures\n",
                  100 * e->accuracy, 100 * e->accuracy_top5, e->loss,
                  cli_grouped(session->mem, e->images));
        cli_say(session, "%s: %s parameters, %s multiply-adds a picture", weights,
                cli_grouped(session->mem, e->parameters), cli_grouped(session->mem, e->macs));
        return SNAS_OK;
    }
    snas_text text = snas_text_make(session->mem);
    snas_text_add(&text, "{\"weights\": ");
    snas_text_add_json(&text, weights);
    const struct {
        const char *key;
        double value;
    } rows[] = {
        {"accuracy",      e->accuracy     },
        {"accuracy_top5", e->accuracy_top5},
        {"loss",          e->loss         }
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snas_text_add(&text, ", \"%s\": ", rows[i].key);
        snas_text_add_real(&text, rows[i].value);
    }
    snas_text_add(
        &text, ", \"images\": %d, \"parameters\": %" PRId64 ", \"multiply_adds\": %" PRId64 "}\n",
        e->images, e->parameters, e->macs);
    SNAS_TRY(snas_text_done(&text));
    cli_print(session, "%s", text.data);
    return SNAS_OK;
}

static snas_status eval(cli_session *session, const void *opaque)
{
    const values *v = opaque;
    if (v->target == NULL) {
        return snas_fail(SNAS_E_USAGE, "no RUN or WEIGHTS given\nsee 'snas help eval'");
    }
    const char *weights, *folder;
    cli_settings settings;
    SNAS_TRY(locate(session, v, &weights, &folder, &settings));
    snas_genotype genotype;
    if (v->genotype != NULL) {
        SNAS_TRY(snas_genotype_load(session->mem, v->genotype, &genotype));
    }
    const snas_run_options options = cli_run_options(session, folder, v->threads);
    snas_evaluated result;
    const snas_evaluation what = {.weights = weights,
                                  .genotype = v->genotype != NULL ? &genotype : NULL,
                                  .logits = v->logits};
    SNAS_TRY(snas_evaluate(session->mem, &settings.config, &what, &options, &result));
    return print_result(session, v, weights, &result);
}

const cli_command cli_eval = {
    .name = "eval",
    .brief = "test trained weights",
    .examples =
        "  snas eval runs/child\n"
        "  snas eval runs/child/weights-last.safetensors --json\n"
        "  snas eval weights.safetensors --genotype DARTS_V2 --config configs/cifar10-paper.json\n",
    .usage = "snas eval RUN|WEIGHTS [--genotype FILE|NAME] [--config CONFIG] [--set KEY=VALUE]... "
             "[--logits FILE] [--json]",
    .more = "Without --config the config.json beside the weights is taken, else the defaults.\n"
            "Weights with logits beside them (snas derive --weights) are a supernet's, of the "
            "config's\n"
            "search section: the child that they favour is tested. Tensors that the network has no "
            "use\n"
            "for are ignored with a warning. --logits writes logits [N, classes] and labels [N], "
            "in the\n"
            "order of the test set.\n",
    .options = OPTIONS,
    .values_size = sizeof(values),
    .run = eval,
};
