/* sgd.c -- stochastic gradient descent with momentum, as torch.optim.SGD (dampening 0), on float and on double.
 *
 *     d = scale*g + decay*w,    m <- momentum*m + d,    w <- w - pace*rate*(nesterov ? d + momentum*m : m)
 *
 * The loop stands once, in sgd_body.h. Every element is computed alone, so no cut of the work changes a byte.
 */
#include <assert.h>
#include <stddef.h>

#include "snas/optim/optim.h"

enum { UNIT = 16384 }; /* elements a unit of work: short ones, so that many threads have some */

/* Elements up to `end` that share one fate. */
typedef struct {
    int64_t end;
    bool decays, frozen;
    double pace;
} stretch;

/* The stretch that starts at `at`, given the first range `r` that ends after `at`; what no range names moves and
 * decays. */
static stretch stretch_at(const snas_sgd_range *ranges, int range_count, int r, int64_t at, int64_t end)
{
    if (r >= range_count) {
        return (stretch){.end = end, .decays = true, .pace = 1.0};
    }
    const bool inside = ranges[r].first <= at;
    const int64_t stop = inside ? ranges[r].first + ranges[r].count : ranges[r].first;
    return (stretch){.end = stop < end ? stop : end,
                     .decays = !inside || ranges[r].decays,
                     .frozen = inside && ranges[r].frozen,
                     .pace = inside ? ranges[r].pace : 1.0};
}

#define snas_real float
#define sgd_job sgd_job_f32
#define sgd_vectors snas_sgd_vectors_f32
#define sgd_factors sgd_factors_f32
#define sweep sweep_f32
#define run_unit run_unit_f32
#define snas_sgd_step snas_sgd_step_f32
#include "sgd_body.h"

#define snas_real double
#define sgd_job sgd_job_f64
#define sgd_vectors snas_sgd_vectors_f64
#define sgd_factors sgd_factors_f64
#define sweep sweep_f64
#define run_unit run_unit_f64
#define snas_sgd_step snas_sgd_step_f64
#include "sgd_body.h"
