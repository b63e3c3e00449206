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
    float *images;             /* [batch][side][side][3] */
    int *labels;               /* [batch], zeros: nobody asks for the loss */
    snas_prediction **waiting; /* [batch]: whose pictures are in images */
    int waiting_count;
    snas_arena *scratch;
} predictor;

static snas_status open_network(snas_arena *mem, predictor *p)
{
    const snas_predict_request *request = p->request;
    snas_tensor_file file;
    snas_genotype genotype;
    SNAS_TRY(snas_safetensors_load(mem, request->weights, &file));
    snas_network_options how = snas_run_network_options(p->batch, 0, false, request->kernels);
    how.training = false;
    const snas_child_request wanted = {.path = request->weights, .file = &file, .team = &request->team, .how = &how};
    return snas_child_load(mem, &wanted, &p->child, &genotype, &p->network);
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

/* What was the matter with a picture: its sentence is kept, the others go on. */
static snas_status refuse(snas_arena *mem, snas_prediction *to, snas_status status)
{
    to->status = status;
    to->fault = snas_format(mem, "%s", snas_error());
    return snas_taken(to->fault);
}

/* The picture into the next free place of the batch, which it takes when it is good. */
static snas_status prepare(snas_arena *mem, predictor *p, snas_prediction *to)
{
    const snas_child *child = &p->child;
    const size_t size = (size_t)child->side * (size_t)child->side * 3;
    const snas_picture_file file = {.path = to->picture,
                                    .side = child->side,
                                    .shorter = child->shorter,
                                    .orient = child->orient,
                                    .mean = child->mean,
                                    .deviation = child->deviation};
    snas_flawed flawed = {0};
    const snas_mark mark = snas_arena_mark(p->scratch);
    const snas_status status =
        snas_picture_file_prepare(&file, p->scratch, p->images + (size_t)p->waiting_count * size, &flawed);
    if (flawed.count > 0) {
        snas_log(SNAS_LOG_WARNING, "%s", flawed.first);
    }
    snas_arena_release(p->scratch, mark);
    if (status == SNAS_E_DATA || status == SNAS_E_IO) {
        return refuse(mem, to, status);
    }
    p->waiting[p->waiting_count] = to;
    p->waiting_count += status == SNAS_OK;
    return status;
}

static bool is_finite(const float *logits, int classes)
{
    int k = 0;
    while (k < classes && isfinite(logits[k])) {
        k++;
    }
    return k == classes;
}

/* Picture i of the batch, which has been through the network. */
static snas_status answer(snas_arena *mem, const predictor *p, int i, int top)
{
    snas_prediction *to = p->waiting[i];
    const float *logits = (const float *)snas_network_logits(p->network) + (size_t)i * (size_t)p->child.classes;
    char shown[1024];
    snas_printable(shown, sizeof shown, to->picture);
    if (!is_finite(logits, p->child.classes)) {
        snas_record("the network's output for '%s' is not finite", shown);
        return refuse(mem, to, SNAS_E_NUMERIC);
    }
    if (snas_network_overflows(p->network)[i]) {
        snas_record(
            "numbers within the network are not finite for '%s': its weights or running statistics are too large",
            shown);
        return refuse(mem, to, SNAS_E_NUMERIC);
    }
    SNAS_NEW(mem, to->guesses, top + 1); /* one to push out */
    choose(p, logits, top, to->guesses);
    return name_guesses(mem, &p->child, top, to->guesses);
}

/* The pictures of the batch through the network. */
static snas_status run(snas_arena *mem, predictor *p, int top)
{
    if (p->waiting_count == 0) {
        return SNAS_OK;
    }
    snas_outcome outcome;
    const snas_batch batch = {.count = p->waiting_count,
                              .images = p->images,
                              .labels = p->labels,
                              .same_weights = true, /* as loaded */
                              .looks_inside = true};
    snas_network_forward(p->network, &batch, SNAS_MODE_EVALUATE, &outcome);
    for (int i = 0; i < p->waiting_count; i++) {
        SNAS_TRY(answer(mem, p, i, top));
    }
    p->waiting_count = 0;
    return SNAS_OK;
}

static snas_status predict_all(snas_arena *mem, predictor *p, snas_predicted *out)
{
    const snas_predict_request *request = p->request;
    SNAS_TRY(open_network(mem, p));
    const size_t size = (size_t)p->child.side * (size_t)p->child.side * 3;
    SNAS_NEW(mem, p->images, (size_t)p->batch * size);
    SNAS_NEW(mem, p->labels, p->batch);
    SNAS_NEW(mem, p->waiting, p->batch);
    *out = (snas_predicted){.top = request->top < p->child.classes ? request->top : p->child.classes,
                            .classes = p->child.classes,
                            .side = p->child.side};
    SNAS_NEW(mem, out->predictions, request->count);
    for (int i = 0; i < request->count; i++) {
        out->predictions[i].picture = request->pictures[i];
        SNAS_TRY(prepare(mem, p, &out->predictions[i]));
        if (p->waiting_count == p->batch) {
            SNAS_TRY(run(mem, p, out->top));
        }
    }
    return run(mem, p, out->top);
}

snas_status snas_predict(snas_arena *mem, const snas_predict_request *request, snas_predicted *out)
{
    predictor p = {.request = request, .batch = request->count < BATCH_MOST ? request->count : BATCH_MOST};
    SNAS_TRY(snas_arena_create("the pictures", 0, &p.scratch));
    const snas_status status = predict_all(mem, &p, out);
    snas_arena_destroy(p.scratch);
    return status;
}
