/* cmd_predict.c -- `snas predict`: what a trained network says about pictures. */
#include <stdio.h>

#include "frame.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/judge/predict.h"

enum { TOP_DEFAULT = 5 };

typedef struct {
    const char *target;
    cli_list pictures;
    int top, threads;
    bool last, json;
} values;

static const cli_option OPTIONS[] = {
    ARG("RUN|WEIGHTS", values, target, "run folder of `snas train`, or weights that it has written"),
    ARGS("IMAGE", values, pictures, "JPEG or PNG of any size; several"),
    NUMBER("top", "K", 1, 1000, values, top, "classes a picture, the likeliest first; else 5"),
    FLAG("last", 0, values, last, "of a run the last weights instead of the best"),
    NUMBER("threads", "N", 1, 1024, values, threads, "else one a processor; same result"),
    FLAG("json", 0, values, json, "the result as JSON"),
    OPTIONS_END,
};

static snas_status locate(cli_session *session, const values *v, const char **weights)
{
    *weights = v->target;
    if (snas_folder_is(v->target)) {
        *weights = snas_format(session->mem, "%s/weights-%s.safetensors", v->target, v->last ? "last" : "best");
    }
    SNAS_TRY(snas_taken(*weights));
    return snas_file_is(*weights) ? SNAS_OK : snas_fail(SNAS_E_IO, "no trained weights: '%s' is missing", *weights);
}

static snas_status print_json(cli_session *session, const char *weights, const snas_predicted *all, int count)
{
    snas_text text = snas_text_make(session->mem);
    snas_text_add(&text, "{\"weights\": ");
    snas_text_add_json(&text, weights);
    snas_text_add(&text, ", \"predictions\": [");
    for (int i = 0; i < count; i++) {
        const snas_prediction *p = &all->predictions[i];
        snas_text_next(&text, ",");
        snas_text_add(&text, "\n  {\"image\": ");
        snas_text_add_json(&text, p->picture);
        snas_text_add(&text, ", \"classes\": [");
        for (int g = 0; g < all->top; g++) {
            snas_text_next(&text, ", ");
            snas_text_add(&text, "{\"label\": %d, \"name\": ", p->guesses[g].label);
            snas_text_add_json(&text, p->guesses[g].name);
            snas_text_add(&text, ", \"probability\": ");
            snas_text_add_real(&text, p->guesses[g].probability);
            snas_text_add(&text, "}");
        }
        snas_text_add(&text, "]}");
    }
    snas_text_add(&text, "\n]}\n");
    return cli_print_text(session, &text);
}

static void print_table(cli_session *session, const snas_predicted *all, int count)
{
    char shown[1024];
    for (int i = 0; i < count; i++) {
        const snas_prediction *p = &all->predictions[i];
        cli_print(session, "%s\n", snas_printable(shown, sizeof shown, p->picture));
        for (int g = 0; g < all->top; g++) {
            cli_print(session, "  %6.2f %%  %s\n", 100.0 * p->guesses[g].probability,
                      snas_printable(shown, sizeof shown, p->guesses[g].name));
        }
    }
}

static snas_status predict(cli_session *session, const void *opaque)
{
    const values *v = opaque;
    if (v->target == NULL || v->pictures.count == 0) {
        return snas_fail(SNAS_E_USAGE, "no %s given\nsee 'snas help predict'",
                         v->target == NULL ? "RUN or WEIGHTS" : "IMAGE");
    }
    const char *weights;
    SNAS_TRY(locate(session, v, &weights));
    const snas_run_options options = cli_run_options(session, NULL, v->threads);
    const snas_predict_request request = {.weights = weights,
                                          .pictures = v->pictures.items,
                                          .count = v->pictures.count,
                                          .top = v->top > 0 ? v->top : TOP_DEFAULT,
                                          .team = options.team,
                                          .kernels = options.kernels};
    snas_predicted result;
    SNAS_TRY(snas_predict(session->mem, &request, &result));
    if (v->json) {
        return print_json(session, weights, &result, request.count);
    }
    print_table(session, &result, request.count);
    return SNAS_OK;
}

const cli_command cli_predict = {
    .name = "predict",
    .brief = "name the classes of pictures",
    .examples = "  snas predict runs/child photo.jpg\n"
                "  snas predict runs/child/weights-last.safetensors *.png --top 1 --json\n",
    .more = "The weights know their network, its classes and how a picture becomes its input: the "
            "shorter\n"
            "side is resized, the middle is taken.\n",
    .less_memory = "less memory is needed with fewer --threads",
    .options = OPTIONS,
    .values_size = sizeof(values),
    .run = predict,
};
