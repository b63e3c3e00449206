/* cmd_export.c -- `snas export`: a trained network for another program. */
#include <string.h>

#include "command.h"
#include "frame.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/export/export.h"
#include "trained.h"

typedef struct {
    const char *target, *out, *config;
    cli_list sets;
    int format, calibrate, threads;
    bool last, average, fold, probabilities, int8, json;
} values;

enum { CALIBRATE_ELSE = 200, CALIBRATE_MOST = 1000000 };

static const cli_option OPTIONS[] = {
    ARG("RUN|WEIGHTS", values, target, "run folder of `snas train`, or weights that it has written"),
    OPTIONAL_CHOICE("format", snas_export_format_names, SNAS_EXPORT_COUNT, values, format, "what to write; see below",
                    .required = true),
    TEXT("out", "FILE", values, out, "write there, with the format's ending; else NAME with it, here"),
    FLAG("last", 0, values, last, "of a run the last weights instead of the best"),
    FLAG("average", 0, values, average, "of a run the running average of the weights"),
    FLAG("fold", 0, values, fold, "onnx: batch norms go into the convolutions before them"),
    FLAG("probabilities", 0, values, probabilities, "onnx: the softmax of the logits comes out; c: a function for it"),
    FLAG("int8", 0, values, int8, "c: whole numbers of 8 bits, calibrated on training pictures"),
    NUMBER("calibrate", "N", 1, CALIBRATE_MOST, values, calibrate, "with --int8: on N of them, else 200"),
    TEXT("config", "CONFIG", values, config, "with --int8: data; else the config.json beside the weights"),
    LIST("set", "KEY=VALUE", values, sets, "with --int8: a config value over CONFIG; repeatable"),
    NUMBER("threads", "N", 1, 1024, values, threads, "with --int8: else one a processor; same result"),
    FLAG("json", 0, values, json, "what was written as JSON"),
    OPTIONS_END,
};

/* NAME and the ending: the last part of what was named, as an identifier. */
static const char *default_out(snas_arena *mem, const char *target, const char *ending)
{
    static const char WEIGHTS[] = ".safetensors";
    const char *name = snas_path_name(mem, target);
    if (name == NULL) {
        return NULL;
    }
    const size_t size = strlen(name) - (snas_ends(name, WEIGHTS) ? strlen(WEIGHTS) : 0);
    const bool nameless = strspn(name, "./") == strlen(name) || size == 0;
    const char *bare = nameless ? "child" : snas_format(mem, "%.*s", (int)size, name);
    const char *identifier = bare == NULL ? NULL : snas_export_identifier(mem, bare);
    return identifier == NULL ? NULL : snas_format(mem, "%s%s", identifier, ending);
}

static snas_status print_json(cli_session *session, const snas_export_request *request, const snas_exported *exported)
{
    snas_text text = snas_text_make(session->mem);
    snas_text_add(&text, "{\"weights\": ");
    snas_text_add_json(&text, request->weights);
    snas_text_add(&text, ", \"format\": \"%s\", \"files\": [", snas_export_format_names[request->format]);
    for (int i = 0; i < exported->file_count; i++) {
        snas_text_next(&text, ", ");
        snas_text_add_json(&text, exported->files[i]);
    }
    snas_text_add(&text, "], \"parameters\": %lld, \"multiply_adds\": %lld", (long long)exported->parameters,
                  (long long)exported->macs);
    if (exported->flash_bytes > 0) {
        snas_text_add(&text, ", \"flash_bytes\": %lld, \"ram_bytes\": %lld", (long long)exported->flash_bytes,
                      (long long)exported->ram_bytes);
    }
    if (exported->pictures > 0) {
        snas_text_add(&text, ", \"calibrated_on\": %d", exported->pictures);
    }
    snas_text_add(&text, "}\n");
    return cli_print_text(session, &text);
}

static snas_status report(cli_session *session, const values *v, const snas_export_request *request,
                          const snas_exported *exported)
{
    if (v->json) {
        return print_json(session, request, exported);
    }
    for (int i = 0; i < exported->file_count; i++) {
        cli_print(session, "%s\n", exported->files[i]);
    }
    cli_say(session, "%s: %s parameters, %s multiply-adds a picture", request->weights,
            cli_grouped(session->mem, exported->parameters), cli_grouped(session->mem, exported->macs));
    if (exported->flash_bytes > 0) {
        cli_say(session,
                "flash: %s bytes of constants beside the code; RAM: %s bytes of activations beside the picture",
                cli_grouped(session->mem, exported->flash_bytes), cli_grouped(session->mem, exported->ram_bytes));
    }
    if (exported->pictures > 0) {
        cli_say(session, "calibrated on %d training pictures", exported->pictures);
    }
    return SNAS_OK;
}

static snas_status check(const values *v)
{
    if (v->target == NULL) {
        return snas_fail(SNAS_E_USAGE, "no RUN or WEIGHTS given\nsee 'snas help export'");
    }
    if (v->format <= 0) {
        return snas_fail(SNAS_E_USAGE, "no --format given\nsee 'snas help export'");
    }
    const struct {
        const char *name;
        bool given;
    } options[] = {{"calibrate", v->calibrate > 0},
                   {"config", v->config != NULL},
                   {"set", v->sets.count > 0},
                   {"threads", v->threads > 0}};
    for (size_t i = 0; i < sizeof options / sizeof options[0] && !v->int8; i++) {
        if (options[i].given) {
            return snas_fail(SNAS_E_USAGE, "--%s is for --int8 only", options[i].name);
        }
    }
    return SNAS_OK;
}

/* Training pictures by the config of the weights. */
static snas_status take_calibration(cli_session *session, const values *v, snas_config *config,
                                    snas_export_calibration *out)
{
    cli_trained_config from = {.config = v->config, .sets = &v->sets};
    SNAS_TRY(cli_trained_folder(session->mem, v->target, &from.folder));
    SNAS_TRY(cli_trained_config_load(session->mem, &from, config));
    *out = (snas_export_calibration){.config = config,
                                     .pictures = v->calibrate > 0 ? v->calibrate : CALIBRATE_ELSE,
                                     .team = cli_run_options(session, from.folder, v->threads).team};
    return SNAS_OK;
}

static snas_status run(cli_session *session, const void *opaque)
{
    const values *v = opaque;
    snas_arena *mem = session->mem;
    SNAS_TRY(check(v));
    snas_export_request request = {
        .format = (snas_export_format)(v->format - 1), .fold = v->fold, .probabilities = v->probabilities};
    SNAS_TRY(cli_trained_weights(mem, v->target, (cli_trained_which){.last = v->last, .average = v->average},
                                 &request.weights));
    request.out = v->out != NULL ? v->out : default_out(mem, v->target, snas_export_ending(request.format));
    SNAS_TRY(snas_taken(request.out));
    snas_config config;
    snas_export_calibration calibration;
    if (v->int8) {
        SNAS_TRY(take_calibration(session, v, &config, &calibration));
        request.int8 = &calibration;
    }
    snas_exported exported;
    SNAS_TRY(snas_export(mem, &request, &exported));
    return report(session, v, &request, &exported);
}

const cli_command cli_export = {
    .name = "export",
    .brief = "write a trained network for another program",
    .examples = "  snas export runs/child --format onnx --fold\n"
                "  snas export runs/child --format c --out firmware/classify.c\n"
                "  snas export runs/child --format c --int8 --calibrate 500\n"
                "  snas export runs/child/weights-last.safetensors --format torch --out child.py\n",
    .more =
        "NAME is the last part of RUN or WEIGHTS, as an identifier. A file that is there is replaced; stdout gets\n"
        "the names of what was written. Pixels are scaled to 0 to 1, then mean and deviation of the training\n"
        "pictures are applied before the network; an auxiliary classifier is left out.\n"
        "\n"
        "onnx: a graph of opset 17 (IR version 8) for any batch, [N, 3, side, side], in the input \"input\"; what "
        "comes\n"
        "out is \"logits\", or \"probabilities\". Parameters have the names of PyTorch. Its metadata say classes, "
        "mean\n"
        "and deviation as JSON lists.\n"
        "\n"
        "c: C99 for microcontrollers, FILE and a header beside it, without a library beyond memset: NAME_predict on\n"
        "one picture [side][side][3], NAME_preprocess for 8-bit pixels, and with NAME_SELF_TEST defined a test. Batch\n"
        "norms are folded, weights are constants, activations one static buffer. With --int8 all of it is in whole\n"
        "numbers of 8 bits, whose scales are found on training pictures: the same bytes on every machine.\n"
        "\n"
        "torch: a module of PyTorch, for 1.10 or newer and without another package. Network() builds the network,\n"
        "load(FILE) loads weights into it, those that were exported or others of it. scripts/snas_torch.py is the\n"
        "same module for any weights that snas has trained.\n",
    .options = OPTIONS,
    .values_size = sizeof(values),
    .run = run,
};
