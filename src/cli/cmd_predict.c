/* cmd_predict.c -- `snas predict`: what a trained network says about pictures. */
#include <stdio.h>

#include "frame.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/judge/picture_files.h"
#include "snas/judge/predict.h"
#include "trained.h"

enum { TOP_DEFAULT = 5 };

typedef struct {
    const char *target;
    cli_list pictures;
    int top, threads;
    bool last, json;
} values;

static const cli_option OPTIONS[] = {
    ARG("RUN|WEIGHTS", values, target, "run folder of `snas train`, or weights that it has written"),
    ARGS("IMAGE|FOLDER", values, pictures, "JPEG or PNG of any size, or all below a folder; several"),
    NUMBER("top", "K", 1, 1000, values, top, "classes a picture, the likeliest first; else 5"),
    FLAG("last", 0, values, last, "of a run the last weights instead of the best"),
    NUMBER("threads", "N", 1, 1024, values, threads, "else one a processor; same result"),
    FLAG("json", 0, values, json, "the result as JSON"),
    OPTIONS_END,
};

static void add_guesses(snas_text *text, const snas_prediction *p, int top)
{
    snas_text_add(text, ", \"classes\": [");
    for (int g = 0; g < top; g++) {
        snas_text_next(text, ", ");
        snas_text_add(text, "{\"label\": %d, \"name\": ", p->guesses[g].label);
        snas_text_add_json(text, p->guesses[g].name);
        snas_text_add(text, ", \"probability\": ");
        snas_text_add_real(text, p->guesses[g].probability);
        snas_text_add(text, "}");
    }
    snas_text_add(text, "]}");
}

static snas_status print_json(cli_session *session, const char *weights, const snas_picture_files *files,
                              const snas_predicted *all)
{
    snas_text text = snas_text_make(session->mem);
    snas_text_add(&text, "{\"weights\": ");
    snas_text_add_json(&text, weights);
    snas_text_add(&text, ", \"left_out\": %d, \"predictions\": [", files->left_out);
    for (int i = 0; i < files->count; i++) {
        const snas_prediction *p = &all->predictions[i];
        snas_text_next(&text, ",");
        snas_text_add(&text, "\n  {\"image\": ");
        snas_text_add_json(&text, p->picture);
        if (p->fault == NULL) {
            add_guesses(&text, p, all->top);
        } else {
            snas_text_add(&text, ", \"error\": ");
            snas_text_add_json(&text, p->fault);
            snas_text_add(&text, "}");
        }
    }
    snas_text_add(&text, "\n]}\n");
    return cli_print_text(session, &text);
}

static void print_table(cli_session *session, const snas_predicted *all, int count)
{
    char shown[1024];
    for (int i = 0; i < count; i++) {
        const snas_prediction *p = &all->predictions[i];
        if (p->fault != NULL) {
            continue;
        }
        cli_print(session, "%s\n", snas_printable(shown, sizeof shown, p->picture));
        for (int g = 0; g < all->top; g++) {
            cli_print(session, "  %6.2f %%  %s\n", 100.0 * p->guesses[g].probability,
                      snas_printable(shown, sizeof shown, p->guesses[g].name));
        }
    }
}

/* A line a fault, behind all answers. A network that gives none counts most, then what a picture is, then reading. */
static snas_status tell_faults(cli_session *session, const snas_picture_files *files, const snas_predicted *all)
{
    static const snas_status ORDER[] = {SNAS_E_NUMERIC, SNAS_E_DATA, SNAS_E_IO};
    int faults = 0, of[SNAS_STATUS_COUNT] = {[SNAS_E_IO] = files->unread};
    for (int i = 0; i < files->count; i++) {
        const snas_prediction *p = &all->predictions[i];
        faults += p->fault != NULL;
        of[p->status]++;
        if (p->fault != NULL && files->count > 1) {
            cli_complain(session, p->fault);
        } else if (p->fault != NULL) {
            return snas_fail(p->status, "%s", p->fault);
        }
    }
    for (size_t i = 0; i < sizeof ORDER / sizeof ORDER[0]; i++) {
        if (of[ORDER[i]] > 0) {
            return snas_fail(ORDER[i], "%d of %d pictures %s no answer", faults, files->count,
                             faults == 1 ? "has" : "have");
        }
    }
    return SNAS_OK;
}

static snas_status find_pictures(cli_session *session, const values *v, snas_picture_files *out)
{
    SNAS_TRY(snas_picture_files_find(session->mem, v->pictures.items, v->pictures.count, out));
    if (out->left_out > 0) {
        cli_say(session, "%d file%s left out, being no picture%s", out->left_out, out->left_out == 1 ? " is" : "s are",
                out->left_out == 1 ? "" : "s");
    }
    return SNAS_OK;
}

static snas_status predict(cli_session *session, const void *opaque)
{
    const values *v = opaque;
    if (v->target == NULL || v->pictures.count == 0) {
        return snas_fail(SNAS_E_USAGE, "no %s given\nsee 'snas help predict'",
                         v->target == NULL ? "RUN or WEIGHTS" : "IMAGE or FOLDER");
    }
    const char *weights;
    snas_picture_files files;
    SNAS_TRY(cli_trained_weights(session->mem, v->target, (cli_trained_which){.last = v->last}, &weights));
    SNAS_TRY(find_pictures(session, v, &files));
    const snas_run_options options = cli_run_options(session, NULL, v->threads);
    const snas_predict_request request = {.weights = weights,
                                          .pictures = files.paths,
                                          .count = files.count,
                                          .top = v->top > 0 ? v->top : TOP_DEFAULT,
                                          .team = options.team,
                                          .kernels = options.kernels};
    snas_predicted result;
    SNAS_TRY(snas_predict(session->mem, &request, &result));
    if (v->json) {
        SNAS_TRY(print_json(session, weights, &files, &result));
    } else {
        print_table(session, &result, files.count);
    }
    return tell_faults(session, &files, &result);
}

const cli_command cli_predict = {
    .name = "predict",
    .brief = "name the classes of pictures",
    .examples = "  snas predict runs/child photo.jpg\n"
                "  snas predict runs/child/weights-last.safetensors *.png --top 1 --json\n"
                "  snas predict runs/child photos/\n",
    .more = "The weights know their network, its classes and how a picture becomes its input: the "
            "shorter\n"
            "side is resized, the middle is taken. A picture that cannot be used gets a line on stderr and the exit\n"
            "code 3 or 4; the others are answered.\n",
    .less_memory = "less memory is needed with fewer --threads",
    .options = OPTIONS,
    .values_size = sizeof(values),
    .run = predict,
};
