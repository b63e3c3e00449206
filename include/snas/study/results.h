/* results.h -- what the runs of a study have come to: figures a run, what they say a variant, tests between variants.
 *
 * Everything is read from the study's folder, so that it can be asked for while runs go on and when they are over.
 */
#ifndef SNAS_STUDY_RESULTS_H
#define SNAS_STUDY_RESULTS_H

#include "snas/study/statistics.h"
#include "snas/study/study_runs.h"

typedef enum {
    SNAS_RESULT_SUPERNET,     /* validation accuracy of the supernet, 0..1 */
    SNAS_RESULT_CHILD,        /* of the derived cell with inherited weights */
    SNAS_RESULT_RECALIBRATED, /* the same, its batch norms measured anew */
    SNAS_RESULT_KNOWN,        /* test accuracy of the cell in the table of the space's known accuracies */
    SNAS_RESULT_RANK,         /* its rank there: 1 and how many cells are better */
    SNAS_RESULT_TRAINED,      /* test accuracy of the cell's network, trained from the start */
    SNAS_RESULT_PARAMETERS,   /* of the trained network; without one of the child with the search's C and L */
    SNAS_RESULT_MACS,
    SNAS_RESULT_HOURS, /* of processors: search and training */
    SNAS_RESULT_PEAK,  /* bytes: the most memory of a process */
    SNAS_RESULTS_COUNT
} snas_result;

/** How a figure is shown. */
typedef enum { SNAS_SHOWN_PERCENT, SNAS_SHOWN_RANK, SNAS_SHOWN_WHOLE, SNAS_SHOWN_HOURS, SNAS_SHOWN_MIB } snas_shown;

/** A figure: its key in files, its title in tables. Percents are accuracies: they have tests. */
typedef struct {
    const char *key, *title, *sentence;
    snas_shown shown;
} snas_result_row;
extern const snas_result_row snas_result_rows[SNAS_RESULTS_COUNT];

typedef struct {
    const char *name;
    int variant;                        /* index in the study */
    int seed;                           /* index of its seed; -1: a cell that is not trained has none */
    const char *state;                  /* "done", "waiting", or the word in STATUS of the step at hand */
    double figures[SNAS_RESULTS_COUNT]; /* NaN: not there (yet) */
    const snas_genotype *genotype;      /* NULL: not derived yet */
} snas_run_result;

/** Edges that cells of different seeds have in common. */
typedef struct {
    int pairs;     /* of seeds */
    double share;  /* of the edges, mean over the pairs; NaN: no pair */
    double chance; /* what cells by chance have in common, by the study's rule */
    double p;      /* of a permutation test: how often as much is in common when edges are shuffled; NaN: no pair */
} snas_agreement;

typedef struct {
    const char *name, *kind;
    snas_sample figures[SNAS_RESULTS_COUNT]; /* over the seeds; of all random cells together: over their means */
    snas_agreement agreement;
} snas_variant_result;

typedef struct {
    snas_result figure;
    const char *a, *b;
    snas_t_test test;
} snas_comparison;

typedef struct {
    const snas_study *study;
    const snas_run_result *runs;
    int run_count, done;
    const snas_variant_result *variants; /* in the study's order, then "random cells" where several are drawn */
    int variant_count;
    const snas_comparison *comparisons; /* a figure, then two variants: every two, or of many each with the first */
    int comparison_count;
} snas_results;

/** Read what is there. SNAS_E_IO with a sentence when a file of a finished run is missing or broken. */
SNAS_MUST_CHECK snas_status snas_results_gather(snas_arena *mem, const snas_study *study,
                                                const snas_study_folder *folder, snas_results *out);

/** Fill `variants` and `comparisons` from `study` and `runs`, which may come from elsewhere than a study's folder. */
SNAS_MUST_CHECK snas_status snas_results_compare(snas_arena *mem, snas_results *results);

/** The results as a document in Markdown whose tables fit 80 columns where they can; as JSON; as CSV, a line a
 *  variant. */
SNAS_MUST_CHECK snas_status snas_results_markdown(snas_arena *mem, const snas_results *results, const char **out);
SNAS_MUST_CHECK snas_status snas_results_json(snas_arena *mem, const snas_results *results, const char **out);
SNAS_MUST_CHECK snas_status snas_results_csv(snas_arena *mem, const snas_results *results, const char **out);

/** study.md, study.json and study.csv in the folder. `mem` is scratch. */
SNAS_MUST_CHECK snas_status snas_results_save(snas_arena *mem, const snas_results *results, const char *folder);

/** Which share of the edges two cells have in common: the same candidate, or both none at all. */
double snas_genotype_agreement(const snas_genotype *a, const snas_genotype *b);

/** The mean of that over pairs of cells that the rule reads off random probabilities. */
double snas_agreement_by_chance(const snas_space *space, snas_rule rule);

/** The p of a permutation test of `count` cells of one space: how often they would have as many equal edges, summed
 *  over all pairs, when what is on each cell's edges is shuffled among the edges of its type. 9,999 shuffles, the
 *  same for the same cells. SNAS_E_MEMORY only. */
SNAS_MUST_CHECK snas_status snas_agreement_permuted(snas_arena *mem, const snas_genotype *const *genotypes, int count,
                                                    double *p);

#endif
