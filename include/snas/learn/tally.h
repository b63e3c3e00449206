/* tally.h -- counts of a network's answers: ranks of the labels, and the confusion matrix. */
#ifndef SNAS_LEARN_TALLY_H
#define SNAS_LEARN_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "snas/base/text.h"

typedef struct {
    int classes;
    int64_t *ranks;              /* [classes]: pictures whose label has that rank, from 0 */
    int64_t *of_class, *correct; /* [classes]: pictures of the class, and those of them that were taken for it */
    /** [classes][classes]: of pictures of the row's class, how many were taken for the column's; NULL: not counted */
    int64_t *confusion;
    int64_t images;
} snas_tally;

/** An empty tally. The confusion matrix takes 8 bytes times the square of the classes. */
SNAS_MUST_CHECK snas_status snas_tally_create(snas_arena *mem, int classes, bool confusion, snas_tally **out);

/** Count `count` pictures: logits [count][classes], labels [count]. Among equal logits the one of lower index ranks
 *  first. */
void snas_tally_add(snas_tally *tally, const float *logits, const int *labels, int count);

/** Fraction of the pictures whose label is among the k largest logits, k >= 1; 0 without pictures. */
double snas_tally_top(const snas_tally *tally, int k);

/** Make it empty again. */
void snas_tally_clear(snas_tally *tally);

enum { SNAS_TALLY_CONFUSION_MAX = 200 }; /* classes up to which the text of a tally has the matrix */

/** {"images": [...], "correct": [...], "confusion": [[...], ...]}: pictures a class, those of them that were taken for
 *  it, the matrix or null. `text` may be NULL on reading: then *out is NULL too. SNAS_E_DATA with a sentence that names
 *  `source` when the text is no tally. */
void snas_tally_write(snas_text *to, const snas_tally *tally);
SNAS_MUST_CHECK snas_status snas_tally_read(snas_arena *mem, const char *source, const char *text, snas_tally **out);

#endif
