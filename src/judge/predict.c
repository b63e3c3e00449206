/* predict.c -- `snas predict`: pictures through a trained network.
 *
 *     picture -> shorter side resized, middle cut out, normalised -> logits -> softmax -> the top likeliest
 *
 * What the network is, its classes and its preprocessing stand in the weights' description (child_file.h).
 */
#include "snas/judge/predict.h"

#include <math.h>
#include <string.h>

#include "snas/base/log.h"
#include "snas/base/text.h"
#include "snas/learn/child_file.h"
#include "snas/learn/run_network.h"

enum { BATCH_MOST = 32 };

typedef struct {
    const snas_predict_request *request;
    snas_child child;
    snas_network *network;
    int batch;
    float *images; /* [batch][side][side][3] */
    int *labels;   /* [batch], zeros: nobody asks for the loss */
    snas_arena *scratch;
} predictor;

static snas_status open_network(snas_arena *mem, predictor *p)
{
    const snas_predict_request *request = p->request;
    snas_tensor_file file;
    snas_genotype genotype;
    bool found;
    SNAS_TRY(snas_safetensors_load(mem, request->weights, &file));
    SNAS_TRY(snas_child_parse(mem, request->weights, &file, &found, &p->child, &genotype));
    if (!found) {
        return snas_fail(SNAS_E_USAGE,
                         "the weights '%s' do not say which network they belong to, as those of "
                         "'snas train' do",
                         request->weights);
    }
    const snas_network_spec spec = {.space = genotype.space,
                                    .genotype = &genotype,
                                    .channels = p->child.channels,
                                    .cells = p->child.cells,
                                    .classes = p->child.classes,
                                    .side = p->child.side,
                                    .affine = true,
                                    .stem = p->child.stem};
    snas_network_options how = snas_run_network_options(p->batch, 0, false, request->kernels);
    how.training = false;
    SNAS_TRY(snas_network_create(mem, &request->team, &spec, &how, &p->network));
    return snas_network_load(p->network, &file, "", true);
}

/* The `top` largest of the softmax of `logits`. */
static void choose(const predictor *p, const float *logits, int top, snas_guess *guesses)
{
    const int classes = p->child.classes;
    double most = -(double)INFINITY, sum = 0.0;
    for (int k = 0; k < classes; k++) {
        most = fmax(most, (double)logits[k]);
    }
    for (int k = 0; k < classes; k++) {
        sum += exp((double)logits[k] - most);
    }
    int count = 0;
    for (int k = 0; k < classes; k++) {
        const double probability = exp((double)logits[k] - most) / sum;
        int place = count;
        while (place > 0 && guesses[place - 1].probability < probability) {
            place--;
        }
        if (place == top) {
            continue;
        }
        count += count < top;
        memmove(guesses + place + 1, guesses + place, (size_t)(count - 1 - place) * sizeof *guesses);
        guesses[place] = (snas_guess){.label = k, .probability = probability};
    }
}

static snas_status name_guesses(snas_arena *mem, const snas_child *child, int top, snas_guess *guesses)
{
    for (int g = 0; g < top; g++) {
        guesses[g].name = child->class_names != NULL ? child->class_names[guesses[g].label]
                                                     : snas_format(mem, "%d", guesses[g].label);
        SNAS_TRY(snas_taken(guesses[g].name));
    }
    return SNAS_OK;
}

/* Pictures first .. first + count - 1. */
static snas_status predict_batch(snas_arena *mem, predictor *p, int first, int count, snas_predicted *out)
{
    const snas_child *child = &p->child;
    const size_t size = (size_t)child->side * (size_t)child->side * 3;
    for (int i = 0; i < count; i++) {
        const snas_picture_file file = {.path = p->request->pictures[first + i],
                                        .side = child->side,
                                        .shorter = child->shorter,
                                        .orient = child->orient,
                                        .mean = child->mean,
                                        .deviation = child->deviation};
        const snas_mark mark = snas_arena_mark(p->scratch);
        snas_flawed flawed = {0};
        const snas_status status = snas_picture_file_prepare(&file, p->scratch, p->images + (size_t)i * size, &flawed);
        if (flawed.count > 0) {
            snas_log(SNAS_LOG_WARNING, "%s", flawed.first);
        }
        snas_arena_release(p->scratch, mark);
        SNAS_TRY(status);
    }
    const snas_batch batch = {.count = count, .images = p->images, .labels = p->labels};
    snas_outcome outcome;
    snas_network_forward(p->network, &batch, SNAS_MODE_EVALUATE, &outcome);
    if (outcome.not_finite > 0) {
        return snas_fail(SNAS_E_NUMERIC, "the network's output is not finite for %d of %d pictures", outcome.not_finite,
                         count);
    }
    const float *logits = snas_network_logits(p->network);
    for (int i = 0; i < count; i++) {
        snas_prediction *to = &out->predictions[first + i];
        to->picture = p->request->pictures[first + i];
        SNAS_NEW(mem, to->guesses, out->top + 1); /* one to push out */
        choose(p, logits + (size_t)i * (size_t)child->classes, out->top, to->guesses);
        SNAS_TRY(name_guesses(mem, child, out->top, to->guesses));
    }
    return SNAS_OK;
}

static snas_status predict_all(snas_arena *mem, predictor *p, snas_predicted *out)
{
    const int count = p->request->count;
    SNAS_TRY(open_network(mem, p));
    const size_t size = (size_t)p->child.side * (size_t)p->child.side * 3;
    SNAS_NEW(mem, p->images, (size_t)p->batch * size);
    SNAS_NEW(mem, p->labels, p->batch);
    *out = (snas_predicted){.top = p->request->top < p->child.classes ? p->request->top : p->child.classes,
                            .classes = p->child.classes,
                            .side = p->child.side};
    SNAS_NEW(mem, out->predictions, count);
    for (int first = 0; first < count; first += p->batch) {
        const int left = count - first;
        SNAS_TRY(predict_batch(mem, p, first, left < p->batch ? left : p->batch, out));
    }
    return SNAS_OK;
}

snas_status snas_predict(snas_arena *mem, const snas_predict_request *request, snas_predicted *out)
{
    predictor p = {.request = request, .batch = request->count < BATCH_MOST ? request->count : BATCH_MOST};
    SNAS_TRY(snas_arena_create("the pictures", 0, &p.scratch));
    const snas_status status = predict_all(mem, &p, out);
    snas_arena_destroy(p.scratch);
    return status;
}
