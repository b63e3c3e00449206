/* multipliers.c -- the Lagrangian bound of a knapsack, made as large as it gets.
 *
 *   L(lambda) = sum_g min_j (loss[g][j] + lambda cost[g][j]) - lambda most  <=  the least loss,    lambda >= 0
 *
 * L is concave; with j* the minimisers, s_i = sum_g cost_i[g][j*] - most_i is a supergradient. The ellipsoid method
 * needs nothing else: the best lambda stays within an ellipsoid (x, P), which every step cuts in half through x and
 * replaces by the smallest one around the half:
 *
 *   d = P s / sqrt(s P s),   x += d / (n + 1),   P = n^2 / (n^2 - 1) (P - 2 / (n + 1) d d^T)
 *
 * It is done in numbers of equal size: lambda_i = x_i * (range of all losses) / (range of cost i). A single cost gets a
 * second one that nothing has, since the step needs n > 1.
 */
#include "multipliers.h"

#include <math.h>

enum { SIZE = SNAS_BUDGETS_MAX < 2 ? 2 : SNAS_BUDGETS_MAX, STEPS_A_SQUARE = 100 };

static const double RADIUS = 100.0;

double multipliers_priced(const multipliers *m, const knapsack *k, const knapsack_option *option)
{
    double sum = (double)option->loss;
    for (int i = 0; i < k->cost_count; i++) {
        sum += m->lambda[i] * (double)option->cost[i];
    }
    return sum;
}

/* The bound of m->lambda, its slack and its supergradient. */
static void look(const knapsack *k, multipliers *m, double *gradient)
{
    int64_t loss = 0, cost[SNAS_BUDGETS_MAX] = {0};
    double size = 0;
    bool within = true;
    m->bound = 0;
    for (int g = 0; g < k->group_count; g++) {
        const knapsack_option *least = k->groups[g].options;
        double best = multipliers_priced(m, k, least), largest = best;
        for (int j = 1; j < k->groups[g].count; j++) {
            const double priced = multipliers_priced(m, k, &k->groups[g].options[j]);
            largest = fmax(largest, priced);
            if (priced < best) {
                least = &k->groups[g].options[j];
                best = priced;
            }
        }
        m->bound += best;
        size += largest;
        loss += least->loss;
        for (int i = 0; i < k->cost_count; i++) {
            cost[i] += least->cost[i];
        }
    }
    for (int i = 0; i < k->cost_count; i++) {
        m->bound -= m->lambda[i] * (double)k->most[i];
        size += fabs(m->lambda[i] * (double)k->most[i]);
        gradient[i] = (double)(cost[i] - k->most[i]);
        within = within && cost[i] <= k->most[i];
    }
    m->slack = 1e-12 * size;
    m->reached = within && k->set_count == 0 ? loss : -1;
}

/* Range of an option's numbers within a group, summed over the groups; at least 1. cost -1: the loss. */
static double range(const knapsack *k, int cost)
{
    double sum = 0;
    for (int g = 0; g < k->group_count; g++) {
        int64_t low = INT64_MAX, high = INT64_MIN;
        for (int j = 0; j < k->groups[g].count; j++) {
            const knapsack_option *o = &k->groups[g].options[j];
            const int64_t value = cost < 0 ? o->loss : o->cost[cost];
            low = value < low ? value : low;
            high = value > high ? value : high;
        }
        sum += (double)(high - low);
    }
    return fmax(sum, 1);
}

typedef struct {
    int n;
    double x[SIZE], p[SIZE][SIZE];
} ellipsoid;

/* Keep the half in the direction s; false when it has no width there. */
static bool cut(ellipsoid *e, const double *s)
{
    const int n = e->n;
    double ps[SIZE] = {0}, sps = 0;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
            ps[i] += e->p[i][j] * s[j];
        }
        sps += s[i] * ps[i];
    }
    if (!(sps > 0) || !isfinite(sps)) {
        return false;
    }
    const double grow = (double)(n * n) / (n * n - 1), shrink = 2.0 / (n + 1) / sps;
    for (int i = 0; i < n; i++) {
        e->x[i] += ps[i] / sqrt(sps) / (n + 1);
        for (int j = 0; j < n; j++) {
            e->p[i][j] = grow * (e->p[i][j] - shrink * ps[i] * ps[j]);
        }
    }
    return true;
}

/* A step: through the plane that x is on the wrong side of, else up the bound, which *best takes where it is larger. */
static bool step(const knapsack *k, const double *unit, ellipsoid *e, multipliers *best)
{
    double s[SIZE] = {0};
    multipliers m = {.reached = -1};
    for (int i = 0; i < k->cost_count; i++) {
        if (e->x[i] < 0) {
            s[i] = 1;
            return cut(e, s);
        }
        m.lambda[i] = e->x[i] * unit[i];
    }
    look(k, &m, s);
    const int64_t reached =
        m.reached >= 0 && (best->reached < 0 || m.reached < best->reached) ? m.reached : best->reached;
    if (m.bound > best->bound) {
        *best = m;
    }
    best->reached = reached;
    for (int i = 0; i < k->cost_count; i++) {
        s[i] *= unit[i];
    }
    return cut(e, s);
}

multipliers multipliers_find(const knapsack *k)
{
    ellipsoid e = {.n = k->cost_count < 2 ? 2 : k->cost_count};
    double unit[SIZE] = {0}, ignored[SIZE];
    multipliers best = {.reached = -1};
    const double loss = range(k, -1);
    for (int i = 0; i < e.n; i++) {
        e.p[i][i] = RADIUS * RADIUS;
        e.x[i] = 1;
    }
    for (int i = 0; i < k->cost_count; i++) {
        unit[i] = loss / range(k, i);
    }
    look(k, &best, ignored); /* lambda 0 */
    for (int i = 0; i < STEPS_A_SQUARE * e.n * e.n && step(k, unit, &e, &best); i++) {
    }
    return best;
}
