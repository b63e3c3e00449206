/* rng.h -- counter-based random numbers: Philox 4x32-10 (Salmon et al., SC 2011).
 *
 * A generator has no state to save: (seed, stream, step) identify it, and a counter runs from 0. So the same numbers
 * are drawn by a resumed run, by any number of threads and in any order of work. Each use has its own stream.
 */
#ifndef SNAS_BASE_RNG_H
#define SNAS_BASE_RNG_H

#include <stdint.h>

/* One stream a use. Appended to, never renumbered: the numbers decide the bytes of a run. */
typedef enum {
    SNAS_STREAM_WEIGHTS = 1,   /* initial weights; step = parameter index */
    SNAS_STREAM_LOGITS,        /* initial architecture logits */
    SNAS_STREAM_GUMBEL,        /* the draw of a training step; step = global step */
    SNAS_STREAM_GUMBEL_EVAL,   /* draws of evaluation; step = epoch * 2^20 + batch */
    SNAS_STREAM_DROP_PATH,     /* step = whose masks * 2^56 + global step */
    SNAS_STREAM_SHUFFLE,       /* step = stream of pictures * 2^56 + epoch */
    SNAS_STREAM_AUGMENT,       /* step = stream * 2^56 + epoch * 2^32 + position of the image in the epoch */
    SNAS_STREAM_SPLIT,         /* held-out split */
    SNAS_STREAM_SYNTHETIC,     /* step = image index */
    SNAS_STREAM_RECALIBRATE,   /* order of the batches of a recalibration */
    SNAS_STREAM_GUMBEL_LOGITS, /* the draw that moves the logits, where it is another one; step = global step */
    SNAS_STREAM_CELLS,         /* random cells; step = cell */
    SNAS_STREAM_GUMBEL_CREDIT, /* draws at frozen weights; step = draw */
    SNAS_STREAM_FLIP,          /* whether a picture is mirrored in even epochs; step = stream * 2^56 + picture */
    SNAS_STREAM_PERMUTATION,   /* the permutation test of a study */
    SNAS_STREAM_TEST = 1000    /* tests */
} snas_stream;

typedef struct {
    uint64_t seed;
    uint32_t stream;
    uint64_t step;
    uint64_t counter; /* blocks drawn */
    uint32_t block[4];
    int left; /* words of the block not yet used */
} snas_rng;

/** The generator at (seed, stream, step). */
snas_rng snas_rng_at(uint64_t seed, snas_stream stream, uint64_t step);

uint32_t snas_rng_u32(snas_rng *rng); /* all 32 bits uniform */
/* in the open interval (0, 1), 53 bits: log and -log(-log) are finite */
double snas_rng_uniform(snas_rng *rng);
double snas_rng_normal(snas_rng *rng);              /* mean 0, deviation 1 (Box-Muller, one value a call) */
double snas_rng_gumbel(snas_rng *rng);              /* -log(-log u) */
uint32_t snas_rng_below(snas_rng *rng, uint32_t n); /* uniform in 0..n-1 without bias; asserts n > 0 */

/** Put items into an order that is as likely as any other (Fisher and Yates). */
void snas_rng_shuffle(snas_rng *rng, int *items, int count);

#endif
