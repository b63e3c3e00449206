/* knapsack.c -- the multiple-choice knapsack, exactly: two halves by dynamic programming, cut short by bounds, joined.
 *
 * A state is a choice for some groups. It is dropped when
 *   1. what it costs and the least that the others can cost is above a bound,
 *   2. its Lagrangian bound is above the threshold, a loss that need not be exceeded: with the reduced loss
 *          r[g][j] = loss + lambda cost - min_j (loss + lambda cost)   of every option,
 *      a state's bound is L(lambda) + the sum of its r,
 *   3. another state of the same groups dominates it: as good or better in loss, in every cost and in the sets that can
 *      still be met, and first in the order of equals where all are equal.
 * 1 and 2 drop no best choice, 3 none without keeping as good a one. The groups are dealt out to two halves; a choice
 * is a state of either, and pairs are looked at by r up to the threshold: there are many more pairs than states.
 *
 * The threshold begins a little above L(lambda) and grows until something is found. What is then found is the best,
 * since all that was dropped has more loss. It falls when a state can be completed by options of r = 0, or a pair is
 * found.
 *
 * Bounds are doubles: what is dropped by them is above by more than their rounding errors.
 */
#include "knapsack.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "multipliers.h"

typedef struct {
    int64_t loss, cost[SNAS_BUDGETS_MAX];
    double reduced;
    uint64_t alive[KNAPSACK_WORDS]; /* forbidden sets that can still be met */
    uint16_t choice[KNAPSACK_GROUPS];
} partial;

/* States of the groups so far, in an arena of their own. */
typedef struct {
    snas_arena *mem;
    partial *items;
    int count, room;
} layer;

/* What is known of groups that are still to be decided. */
typedef struct {
    int64_t least[SNAS_BUDGETS_MAX];      /* of each cost alone */
    int64_t loss, cost[SNAS_BUDGETS_MAX]; /* of their options of r = 0 */
    uint64_t meets[KNAPSACK_WORDS];       /* of them too */
} rest;

/* Half of the groups. */
typedef struct {
    int group[KNAPSACK_GROUPS], count;
    rest after[KNAPSACK_GROUPS]; /* once the first n + 1 of them are decided: the others, and the other half */
    layer states;
} half;

typedef struct {
    const knapsack *k;
    snas_arena *mem;
    multipliers m;
    double *reduced[KNAPSACK_GROUPS]; /* r of every option */
    int *order[KNAPSACK_GROUPS];      /* options that no other one of the group replaces, by r */
    int count[KNAPSACK_GROUPS];       /* of them */
    int group[KNAPSACK_GROUPS];       /* groups by stake */
    half halves[2];
    double threshold; /* of the loss: what is above is dropped */
    int64_t states;
    bool gave_up;
} search;

/* --- options ------------------------------------------------------------------------------------------------------ */

static bool meets_no_more(const uint64_t *a, const uint64_t *b)
{
    for (int w = 0; w < KNAPSACK_WORDS; w++) {
        if ((a[w] & ~b[w]) != 0) {
            return false;
        }
    }
    return true;
}

/* Is a at most b in every cost? */
static bool no_dearer(const int64_t *a, const int64_t *b, int costs)
{
    for (int i = 0; i < costs; i++) {
        if (a[i] > b[i]) {
            return false;
        }
    }
    return true;
}

/* Does option a of a group make option b needless? */
static bool replaces(const knapsack *k, const knapsack_group *group, int a, int b)
{
    const knapsack_option *x = &group->options[a], *y = &group->options[b];
    if (x->loss > y->loss || !no_dearer(x->cost, y->cost, k->cost_count) || !meets_no_more(x->meets, y->meets)) {
        return false;
    }
    const bool equal = x->loss == y->loss && no_dearer(y->cost, x->cost, k->cost_count);
    return !equal || a < b;
}

/* The options of group g that count, by their r. */
static snas_status rank_options(search *s, int g)
{
    const knapsack_group *group = &s->k->groups[g];
    double least = HUGE_VAL, *r;
    int *order, count = 0;
    SNAS_NEW(s->mem, r, group->count);
    SNAS_NEW(s->mem, order, group->count);
    for (int j = 0; j < group->count; j++) {
        bool needless = false;
        for (int other = 0; other < group->count && !needless; other++) {
            needless = other != j && replaces(s->k, group, other, j);
        }
        r[j] = multipliers_priced(&s->m, s->k, &group->options[j]);
        least = fmin(least, r[j]);
        if (needless) {
            continue;
        }
        int at = count++;
        for (; at > 0 && r[order[at - 1]] > r[j]; at--) {
            order[at] = order[at - 1];
        }
        order[at] = j;
    }
    for (int j = 0; j < group->count; j++) {
        r[j] -= least;
    }
    s->reduced[g] = r;
    s->order[g] = order;
    s->count[g] = count;
    return SNAS_OK;
}

/* The second least r of a group: what its choice is about. */
static double stake(const search *s, int g)
{
    return s->count[g] < 2 ? HUGE_VAL : s->reduced[g][s->order[g][1]];
}

/* Deal the groups out, those of the largest stake first: they are decided with few states. */
static void deal_groups(search *s)
{
    for (int g = 0; g < s->k->group_count; g++) {
        int at = g;
        for (; at > 0 && stake(s, s->group[at - 1]) < stake(s, g); at--) {
            s->group[at] = s->group[at - 1];
        }
        s->group[at] = g;
    }
    for (int at = 0; at < s->k->group_count; at++) {
        half *h = &s->halves[at % 2];
        h->group[h->count++] = s->group[at];
    }
}

/* One group more is undecided. */
static void add_rest(const search *s, int g, rest *r)
{
    const knapsack_group *group = &s->k->groups[g];
    const knapsack_option *first = &group->options[s->order[g][0]];
    r->loss += first->loss;
    for (int i = 0; i < s->k->cost_count; i++) {
        int64_t least = INT64_MAX;
        for (int j = 0; j < group->count; j++) {
            least = group->options[j].cost[i] < least ? group->options[j].cost[i] : least;
        }
        r->least[i] += least;
        r->cost[i] += first->cost[i];
    }
    for (int w = 0; w < KNAPSACK_WORDS; w++) {
        r->meets[w] &= first->meets[w];
    }
}

/* The rests of both halves; of all groups in *all. */
static void sum_rests(search *s, rest *all)
{
    for (int n = 0; n < 2; n++) {
        half *h = &s->halves[n];
        const half *other = &s->halves[1 - n];
        rest r = {0};
        memset(r.meets, 0xff, sizeof r.meets);
        for (int at = 0; at < other->count; at++) {
            add_rest(s, other->group[at], &r);
        }
        for (int at = h->count - 1; at >= 0; at--) {
            h->after[at] = r;
            add_rest(s, h->group[at], &r);
        }
        *all = r;
    }
}

/* --- states ------------------------------------------------------------------------------------------------------- */

static bool any(const uint64_t *a, const uint64_t *b)
{
    uint64_t both = 0;
    for (int w = 0; w < KNAPSACK_WORDS; w++) {
        both |= a[w] & b[w];
    }
    return both != 0;
}

/* Is the state within the bounds with more costs added? */
static bool within(const knapsack *k, const partial *state, const int64_t *more)
{
    for (int i = 0; i < k->cost_count; i++) {
        if (state->cost[i] + more[i] > k->most[i]) {
            return false;
        }
    }
    return true;
}

/* Where the rest can take its options of r = 0, that loss is reachable. */
static void reach(search *s, const partial *state, const rest *r)
{
    if (within(s->k, state, r->cost) && !any(state->alive, r->meets)) {
        s->threshold = fmin(s->threshold, (double)(state->loss + r->loss));
    }
}

static bool is_above(const search *s, double reduced)
{
    return s->m.bound + reduced > s->threshold + s->m.slack;
}

/* All that comes of one state by the options of the half's group at place `at`. */
static snas_status extend(search *s, const half *h, const partial *from, int at, layer *to)
{
    const int g = h->group[at];
    const rest *r = &h->after[at];
    for (int n = 0; n < s->count[g]; n++) {
        const int j = s->order[g][n];
        const knapsack_option *o = &s->k->groups[g].options[j];
        partial next = *from;
        next.loss += o->loss;
        next.reduced += s->reduced[g][j];
        next.choice[g] = (uint16_t)j;
        for (int i = 0; i < s->k->cost_count; i++) {
            next.cost[i] += o->cost[i];
        }
        for (int w = 0; w < KNAPSACK_WORDS; w++) {
            next.alive[w] &= o->meets[w];
        }
        if (is_above(s, next.reduced)) {
            break; /* the others have more */
        }
        if ((double)next.loss <= s->threshold && within(s->k, &next, r->least)) {
            reach(s, &next, r);
            SNAS_GROW(to->mem, to->items, to->count, to->room);
            to->items[to->count++] = next;
        }
    }
    return SNAS_OK;
}

/* The order of what is better: loss, costs, choices. */
static int by_merit(const void *a, const void *b)
{
    const partial *x = a, *y = b;
    if (x->loss != y->loss) {
        return x->loss < y->loss ? -1 : 1;
    }
    for (int i = 0; i < SNAS_BUDGETS_MAX; i++) {
        if (x->cost[i] != y->cost[i]) {
            return x->cost[i] < y->cost[i] ? -1 : 1;
        }
    }
    for (int g = 0; g < KNAPSACK_GROUPS; g++) {
        if (x->choice[g] != y->choice[g]) {
            return x->choice[g] < y->choice[g] ? -1 : 1;
        }
    }
    return 0;
}

enum { COMPARED = 64 }; /* that many at most, the newest first: what dominates is mostly near */

/* Is a state dominated by one that stands before it in the order of merit? */
static bool is_dominated(const search *s, const partial *items, int kept, const partial *state)
{
    for (int i = kept - 1; i >= 0 && i >= kept - COMPARED; i--) {
        if (no_dearer(items[i].cost, state->cost, s->k->cost_count) && meets_no_more(items[i].alive, state->alive)) {
            return true;
        }
    }
    return false;
}

/* Leave out what has turned out to be above the threshold, and what is dominated. */
static void thin(const search *s, layer *l)
{
    int kept = 0;
    for (int i = 0; i < l->count; i++) {
        if (!is_above(s, l->items[i].reduced)) {
            l->items[kept++] = l->items[i];
        }
    }
    l->count = kept;
    if (kept == 0) {
        return;
    }
    qsort(l->items, (size_t)l->count, sizeof *l->items, by_merit);
    kept = 0;
    for (int i = 0; i < l->count; i++) {
        if (!is_dominated(s, l->items, kept, &l->items[i])) {
            l->items[kept++] = l->items[i];
        }
    }
    l->count = kept;
}

static snas_status first_layer(const search *s, layer *out)
{
    *out = (layer){0};
    SNAS_TRY(snas_arena_create("states of a budget", 0, &out->mem));
    const snas_status status =
        snas_taken(out->items = snas_arena_grow(out->mem, NULL, sizeof *out->items, 0, &out->room));
    if (status == SNAS_OK) {
        out->items[out->count++] = (partial){0};
        for (int set = 0; set < s->k->set_count; set++) {
            out->items[0].alive[set / 64] |= (uint64_t)1 << set % 64;
        }
    }
    return status;
}

static snas_status next_layer(search *s, const half *h, int at, layer *to)
{
    *to = (layer){0};
    SNAS_TRY(snas_arena_create("states of a budget", 0, &to->mem));
    for (int i = 0; i < h->states.count && !s->gave_up; i++) {
        s->gave_up = s->k->most_states > 0 && s->states + to->count > s->k->most_states;
        SNAS_TRY(extend(s, h, &h->states.items[i], at, to));
    }
    s->states += to->count;
    thin(s, to);
    return SNAS_OK;
}

/* Every state of the half that is worth keeping. */
static snas_status fill(search *s, half *h)
{
    SNAS_TRY(first_layer(s, &h->states));
    for (int at = 0; at < h->count; at++) {
        layer next;
        const snas_status status = next_layer(s, h, at, &next);
        snas_arena_destroy(h->states.mem);
        h->states = next;
        SNAS_TRY(status);
    }
    return SNAS_OK;
}

/* --- pairs -------------------------------------------------------------------------------------------------------- */

static int by_reduced(const void *a, const void *b)
{
    const partial *x = a, *y = b;
    return x->reduced != y->reduced ? (x->reduced < y->reduced ? -1 : 1) : by_merit(a, b);
}

/* Is the pair a choice within the bounds, and of no more loss than the threshold? */
static bool is_choice(const search *s, const partial *a, const partial *b)
{
    return (double)(a->loss + b->loss) <= s->threshold && within(s->k, a, b->cost) && !any(a->alive, b->alive);
}

static partial pair_up(const partial *a, const partial *b)
{
    partial both = *a;
    both.loss += b->loss;
    for (int i = 0; i < SNAS_BUDGETS_MAX; i++) {
        both.cost[i] += b->cost[i];
    }
    for (int g = 0; g < KNAPSACK_GROUPS; g++) {
        both.choice[g] = (uint16_t)(both.choice[g] + b->choice[g]); /* one of them is 0 */
    }
    return both;
}

enum { PAIRS_A_STATE = 64 }; /* that take as long to look at */

/* The best pair; false: none is within the bounds and the threshold. */
static bool join(search *s, partial *best)
{
    const layer *x = &s->halves[0].states, *y = &s->halves[1].states;
    bool found = false;
    int64_t pairs = 0;
    if (x->count == 0 || y->count == 0) {
        return false;
    }
    for (int n = 0; n < 2; n++) {
        qsort(s->halves[n].states.items, (size_t)s->halves[n].states.count, sizeof(partial), by_reduced);
    }
    for (int i = 0; i < x->count && !s->gave_up; i++) {
        s->gave_up = s->k->most_states > 0 && pairs / PAIRS_A_STATE > s->k->most_states;
        for (int j = 0; j < y->count && !is_above(s, x->items[i].reduced + y->items[j].reduced); j++) {
            pairs++;
            if (!is_choice(s, &x->items[i], &y->items[j])) {
                continue;
            }
            const partial both = pair_up(&x->items[i], &y->items[j]);
            if (!found || by_merit(&both, best) < 0) {
                *best = both;
                s->threshold = fmin(s->threshold, (double)both.loss);
                found = true;
            }
        }
    }
    return found;
}

/* The best choice whose loss is not above the threshold. */
static snas_status solve_below(search *s, knapsack_answer *out)
{
    partial best;
    snas_status status = SNAS_OK;
    for (int n = 0; n < 2 && status == SNAS_OK; n++) {
        status = fill(s, &s->halves[n]);
    }
    out->found = status == SNAS_OK && join(s, &best);
    for (int n = 0; n < 2; n++) {
        snas_arena_destroy(s->halves[n].states.mem);
        s->halves[n].states = (layer){0};
    }
    if (out->found) {
        out->loss = best.loss;
        memcpy(out->cost, best.cost, sizeof out->cost);
        for (int g = 0; g < s->k->group_count; g++) {
            out->choice[g] = best.choice[g];
        }
    }
    return status;
}

/* The largest loss that there is. */
static double worst(const knapsack *k)
{
    double sum = 0;
    for (int g = 0; g < k->group_count; g++) {
        int64_t most = 0;
        for (int j = 0; j < k->groups[g].count; j++) {
            most = k->groups[g].options[j].loss > most ? k->groups[g].options[j].loss : most;
        }
        sum += (double)most;
    }
    return sum;
}

static const double GROWTH = 1.5;

static snas_status solve(search *s, knapsack_answer *out)
{
    const knapsack *k = s->k;
    const partial nothing = {0};
    rest all;
    *out = (knapsack_answer){0};
    s->m = multipliers_find(k);
    for (int g = 0; g < k->group_count; g++) {
        SNAS_TRY(rank_options(s, g));
    }
    deal_groups(s);
    sum_rests(s, &all);
    if (!within(k, &nothing, all.least)) {
        return SNAS_OK;
    }
    const double most = s->m.reached >= 0 ? (double)s->m.reached : worst(k);
    double above = fmax(1, fmin(stake(s, s->group[k->group_count / 2]), most));
    for (bool last = false; !out->found && !last && !s->gave_up; above *= GROWTH) {
        s->threshold = fmin(most, s->m.bound + above);
        last = s->threshold >= most;
        SNAS_TRY(solve_below(s, out));
    }
    out->states = s->states;
    out->gave_up = s->gave_up;
    out->found = out->found && !s->gave_up;
    return SNAS_OK;
}

snas_status knapsack_solve(const knapsack *k, knapsack_answer *out)
{
    search *s;
    snas_arena *mem;
    assert(k->group_count >= 1 && k->group_count <= KNAPSACK_GROUPS && k->set_count <= KNAPSACK_SETS);
    SNAS_TRY(snas_arena_create("a budget", 0, &mem));
    snas_status status = snas_taken(s = snas_arena_take(mem, 1, sizeof *s));
    if (status == SNAS_OK) {
        s->k = k;
        s->mem = mem;
        status = solve(s, out);
    }
    snas_arena_destroy(mem);
    return status;
}
