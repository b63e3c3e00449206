/* tally.c -- what a network said about pictures, counted: ranks of the labels, and the confusion matrix.
 *
 *     rank of label y among logits x [M]    the number of m with x_m > x_y, or x_m = x_y and m < y
 *     guess                                 the class of rank 0
 *
 * Every logit is finite: accuracy.h sees to it.
 */
#include "snas/learn/tally.h"

#include <string.h>

snas_status snas_tally_create(snas_arena *mem, int classes, bool confusion, snas_tally **out)
{
    snas_tally *tally;
    SNAS_NEW(mem, tally, 1);
    tally->classes = classes;
    SNAS_NEW(mem, tally->ranks, classes);
    SNAS_NEW(mem, tally->of_class, classes);
    SNAS_NEW(mem, tally->correct, classes);
    if (confusion) {
        SNAS_NEW(mem, tally->confusion, (size_t)classes * (size_t)classes);
    }
    *out = tally;
    return SNAS_OK;
}

void snas_tally_clear(snas_tally *tally)
{
    const size_t classes = (size_t)tally->classes;
    memset(tally->ranks, 0, classes * sizeof *tally->ranks);
    memset(tally->of_class, 0, classes * sizeof *tally->of_class);
    memset(tally->correct, 0, classes * sizeof *tally->correct);
    if (tally->confusion != NULL) {
        memset(tally->confusion, 0, classes * classes * sizeof *tally->confusion);
    }
    tally->images = 0;
}

static int rank_of(const float *x, int classes, int label)
{
    int rank = 0;
    for (int m = 0; m < classes; m++) {
        rank += x[m] > x[label] || (m < label && x[m] == x[label]);
    }
    return rank;
}

static int guess_of(const float *x, int classes)
{
    int best = 0;
    for (int m = 1; m < classes; m++) {
        best = x[m] > x[best] ? m : best;
    }
    return best;
}

void snas_tally_add(snas_tally *tally, const float *logits, const int *labels, int count)
{
    const int classes = tally->classes;
    for (int i = 0; i < count; i++) {
        const float *x = logits + (int64_t)i * classes;
        const int rank = rank_of(x, classes, labels[i]);
        tally->ranks[rank]++;
        tally->of_class[labels[i]]++;
        tally->correct[labels[i]] += rank == 0;
        if (tally->confusion != NULL) {
            tally->confusion[(int64_t)labels[i] * classes + guess_of(x, classes)]++;
        }
    }
    tally->images += count;
}

double snas_tally_top(const snas_tally *tally, int k)
{
    int64_t found = 0;
    for (int rank = 0; rank < tally->classes && rank < k; rank++) {
        found += tally->ranks[rank];
    }
    return tally->images > 0 ? (double)found / (double)tally->images : 0.0;
}
