/* compare.c -- what the runs say of every variant, and which variants differ.
 *
 * Two variants whose runs share two seeds or more are compared pair by pair; others by Welch's test. All random cells
 * together are one more row, whose numbers are the means of the cells: against a method a random cell is one draw.
 */
#include <math.h>
#include <string.h>

#include "snas/study/results.h"

enum { PAIRWISE_MOST = 12, PAIRS_LEAST = 2 };
static const char RANDOM[] = "random cells"; /* no variant has a name with a blank */

/* A variant's numbers by the index of the seed, NaN where there is none, [figure][seed]; of the random cells together
 * [figure][cell], which belong to no seed. */
typedef struct {
    bool by_seed;
    int count;
    double *numbers[SNAS_RESULTS_COUNT];
} spread;

typedef struct {
    snas_arena *mem;
    snas_results *results;
    snas_variant_result *variants;
    spread *spreads;
    int count;
} comparing;

/* --- variants ----------------------------------------------------------------------------------------------------- */

static snas_status make_spread(snas_arena *mem, int count, bool by_seed, spread *out)
{
    *out = (spread){.by_seed = by_seed, .count = count};
    for (int f = 0; f < SNAS_RESULTS_COUNT; f++) {
        SNAS_NEW(mem, out->numbers[f], count + 1);
        for (int i = 0; i < count; i++) {
            out->numbers[f][i] = (double)NAN;
        }
    }
    return SNAS_OK;
}

static void take_samples(const spread *from, snas_variant_result *out)
{
    for (int f = 0; f < SNAS_RESULTS_COUNT; f++) {
        out->figures[f] = snas_sample_of(from->numbers[f], from->count);
    }
}

/* A cell without a run has its numbers once, at the first place. */
static snas_status spread_of(comparing *c, int variant, spread *out)
{
    const snas_results *results = c->results;
    SNAS_TRY(make_spread(c->mem, results->study->seed_count, true, out));
    for (int i = 0; i < results->run_count; i++) {
        const snas_run_result *run = &results->runs[i];
        if (run->variant != variant) {
            continue;
        }
        out->by_seed = run->seed >= 0;
        for (int f = 0; f < SNAS_RESULTS_COUNT; f++) {
            out->numbers[f][run->seed >= 0 ? run->seed : 0] = run->figures[f];
        }
    }
    return SNAS_OK;
}

static snas_agreement no_agreement(void)
{
    return (snas_agreement){.share = (double)NAN, .chance = (double)NAN, .p = (double)NAN};
}

static snas_status agreement_of(const comparing *c, int variant, snas_agreement *out)
{
    const snas_results *results = c->results;
    const snas_variant *of = &results->study->variants[variant];
    const snas_genotype **cells;
    int count = 0;
    double sum = 0;
    SNAS_NEW(c->mem, cells, results->run_count + 1);
    *out = no_agreement();
    for (int i = 0; of->kind == SNAS_VARIANT_SEARCH && i < results->run_count; i++) {
        const snas_run_result *run = &results->runs[i];
        if (run->variant != variant || run->genotype == NULL) {
            continue;
        }
        for (int j = 0; j < count; j++) {
            sum += snas_genotype_agreement(cells[j], run->genotype);
        }
        out->pairs += count;
        cells[count++] = run->genotype;
    }
    if (out->pairs == 0) {
        return SNAS_OK;
    }
    out->share = sum / out->pairs;
    out->chance = snas_agreement_by_chance(of->config.search.space, results->study->rule);
    return snas_agreement_permuted(c->mem, cells, count, &out->p);
}

static snas_status add_variant(comparing *c, int variant)
{
    const snas_variant *from = &c->results->study->variants[variant];
    snas_variant_result *out = &c->variants[c->count];
    *out = (snas_variant_result){.name = from->name, .kind = snas_variant_kind_names[from->kind]};
    SNAS_TRY(spread_of(c, variant, &c->spreads[c->count]));
    take_samples(&c->spreads[c->count], out);
    SNAS_TRY(agreement_of(c, variant, &out->agreement));
    c->count++;
    return SNAS_OK;
}

/* --- all random cells together ------------------------------------------------------------------------------------ */

static bool is_random(const comparing *c, int row)
{
    return strcmp(c->variants[row].kind, snas_variant_kind_names[SNAS_VARIANT_RANDOM]) == 0;
}

static int count_random(const comparing *c)
{
    int count = 0;
    for (int i = 0; i < c->count; i++) {
        count += is_random(c, i);
    }
    return count;
}

static snas_status add_random(comparing *c)
{
    const int cells = count_random(c);
    spread *all = &c->spreads[c->count];
    snas_variant_result *out = &c->variants[c->count];
    int n = 0;
    if (cells < PAIRS_LEAST) {
        return SNAS_OK;
    }
    SNAS_TRY(make_spread(c->mem, cells, false, all));
    for (int i = 0; i < c->count; i++) {
        for (int f = 0; is_random(c, i) && f < SNAS_RESULTS_COUNT; f++) {
            all->numbers[f][n] = c->variants[i].figures[f].mean;
        }
        n += is_random(c, i);
    }
    *out = (snas_variant_result){.name = RANDOM, .kind = "all random"};
    out->agreement = no_agreement();
    take_samples(all, out);
    c->count++;
    return SNAS_OK;
}

/* --- comparisons -------------------------------------------------------------------------------------------------- */

static int count_pairs(const double *a, const double *b, int count)
{
    int pairs = 0;
    for (int i = 0; i < count; i++) {
        pairs += !isnan(a[i]) && !isnan(b[i]);
    }
    return pairs;
}

/* False: there are too few numbers. */
static bool compare(const comparing *c, int figure, int i, int j, snas_t_test *out)
{
    const spread *a = &c->spreads[i], *b = &c->spreads[j];
    const bool pairs =
        a->by_seed && b->by_seed && count_pairs(a->numbers[figure], b->numbers[figure], a->count) >= PAIRS_LEAST;
    *out = pairs ? snas_t_test_paired(a->numbers[figure], b->numbers[figure], a->count)
                 : snas_t_test_welch(&c->variants[i].figures[figure], &c->variants[j].figures[figure]);
    return !isnan(out->difference);
}

/* Rows that are compared: single random cells are not, where they are compared together. */
static int choose_rows(const comparing *c, int *rows)
{
    const bool together = count_random(c) >= PAIRS_LEAST;
    int count = 0;
    for (int i = 0; i < c->count; i++) {
        if (!together || !is_random(c, i)) {
            rows[count++] = i;
        }
    }
    return count;
}

static snas_status compare_all(comparing *c)
{
    int *rows;
    snas_comparison *all;
    SNAS_NEW(c->mem, rows, c->count + 1);
    const int chosen = choose_rows(c, rows), first = chosen <= PAIRWISE_MOST ? chosen : 1;
    SNAS_NEW(c->mem, all, SNAS_RESULTS_COUNT * first * chosen + 1);
    int count = 0;
    for (int f = 0; f < SNAS_RESULTS_COUNT; f++) {
        for (int i = 0; snas_result_rows[f].shown == SNAS_SHOWN_PERCENT && i < first; i++) {
            for (int j = i + 1; j < chosen; j++) {
                snas_comparison *to = &all[count];
                *to = (snas_comparison){
                    .figure = (snas_result)f, .a = c->variants[rows[i]].name, .b = c->variants[rows[j]].name};
                count += compare(c, f, rows[i], rows[j], &to->test);
            }
        }
    }
    c->results->comparisons = all;
    c->results->comparison_count = count;
    return SNAS_OK;
}

snas_status snas_results_compare(snas_arena *mem, snas_results *results)
{
    const int count = results->study->variant_count;
    comparing c = {.mem = mem, .results = results};
    SNAS_NEW(mem, c.variants, count + 1);
    SNAS_NEW(mem, c.spreads, count + 1);
    for (int v = 0; v < count; v++) {
        SNAS_TRY(add_variant(&c, v));
    }
    SNAS_TRY(add_random(&c));
    results->variants = c.variants;
    results->variant_count = c.count;
    return compare_all(&c);
}
