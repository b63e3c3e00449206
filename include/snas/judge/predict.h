/* predict.h -- classes and their probabilities for pictures, by a trained network. */
#ifndef SNAS_JUDGE_PREDICT_H
#define SNAS_JUDGE_PREDICT_H

#include "snas/base/arena.h"
#include "snas/tensor/team.h"

typedef struct {
    int label;
    const char *name;   /* of the class; its number when the weights have no names */
    double probability; /* 0..1 */
} snas_guess;

typedef struct {
    const char *picture; /* borrowed */
    snas_guess *guesses; /* [top], the likeliest first, among equals the lower label first; NULL: there is a fault */
    const char *fault;   /* why there are none: a sentence that names the picture; NULL: there is none */
    snas_status status;  /* of the fault: SNAS_E_DATA, SNAS_E_IO, SNAS_E_NUMERIC */
} snas_prediction;

typedef struct {
    const char *weights;         /* of `snas train`: they describe the network and how pictures become its input */
    const char *const *pictures; /* [count] files, JPEG or PNG */
    int count, top;              /* top: guesses a picture, cut to the number of classes */
    snas_team team;
    const char *kernels; /* NULL: the best */
} snas_predict_request;

typedef struct {
    snas_prediction *predictions; /* [count] */
    int top, classes, side;
} snas_predicted;

/** Read the pictures as an evaluation reads them, and run the network. Everything in `mem`. A fault of a picture is in
 *  its prediction. SNAS_E_USAGE when the weights do not say what network they are of. */
SNAS_MUST_CHECK snas_status snas_predict(snas_arena *mem, const snas_predict_request *request, snas_predicted *out);

#endif
