/* bench_many.c -- what several processes exchange in a step, and a model of a step's time with R of them.
 *
 *      t(R) = W / R + U + log2(R) (X latency + V / bandwidth)
 *
 *      W   seconds that the pictures of the whole batch take        U   what every process does for itself: packing of
 *      X   exchanges a step                                             weights, close of stages, optimisers
 *      V   bytes that a process sends in them at one level of the tree
 *
 * W and U come from the table of kernels and the timed steps, X and V from what was counted, with the present number of
 * processes. The pictures' losses, which grow with the level, are a small part of V and taken as equal.
 */
#include "bench_many.h"

#include <math.h>

#include "snas/base/clock.h"
#include "snas/comm/comm.h"

enum { SMALL = 8, LARGE = 1 << 22, SMALL_SWAPS = 200, LARGE_SWAPS = 5 };

static const double BITS = 8.0, GIGABIT = 1e9, PAYLOAD = 0.94; /* what TCP leaves of Ethernet */

void bench_traffic_measure(const snas_comm_traffic *before, int steps, double seconds, snas_bench_traffic *out)
{
    const snas_comm_traffic now = snas_comm_traffic_now();
    *out = (snas_bench_traffic){.ranks = snas_comm_ranks(),
                                .messages = (double)(now.messages - before->messages) / steps,
                                .bytes = (double)(now.bytes - before->bytes) / steps,
                                .share = (now.seconds - before->seconds) / seconds};
}

/* Seconds of a swap with the neighbour in which both send so many bytes. */
static double time_swap(size_t bytes, int swaps)
{
    static char out[LARGE], in[LARGE];
    snas_comm_swap(snas_comm_rank() ^ 1, out, SMALL, in, SMALL); /* both are there */
    const double started = snas_clock_seconds();
    for (int i = 0; i < swaps; i++) {
        snas_comm_swap(snas_comm_rank() ^ 1, out, bytes, in, bytes);
    }
    return (snas_clock_seconds() - started) / swaps;
}

static void predict(const snas_benched *b, const snas_bench_traffic *t, snas_bench_network *network)
{
    const double level = log2(t->ranks), busy = b->step_s_median * (1.0 - t->share);
    double passes = 0.0;
    for (int i = 0; i < b->row_count; i++) {
        passes +=
            b->rows[i].forward_calls + b->rows[i].backward_calls > 0 && b->rows[i].is_pass ? b->rows[i].total_s : 0.0;
    }
    passes = fmin(passes, busy);
    for (int k = 0; k < SNAS_BENCH_MODELS; k++) {
        network->step_s[k] = passes * t->ranks / (1 << k) + (busy - passes) +
                             k * (t->messages / level * network->latency_s + t->bytes / level / network->bytes_per_s);
    }
}

void bench_model_make(snas_benched *out)
{
    static const struct {
        const char *name;
        double gigabits, latency_s;
    } usual[] = {{"1 Gbit/s", 1.0, 200e-6}, {"10 Gbit/s", 10.0, 50e-6}, {"100 Gbit/s", 100.0, 10e-6}};
    enum { USUAL = sizeof usual / sizeof usual[0] };
    _Static_assert(USUAL + 1 == SNAS_BENCH_NETWORKS, "this network, then the usual ones");
    if (out->traffic.ranks == 1) {
        return;
    }
    const double small = time_swap(SMALL, SMALL_SWAPS), large = time_swap(LARGE, LARGE_SWAPS);
    out->networks[0] =
        (snas_bench_network){.name = "measured", .latency_s = small, .bytes_per_s = LARGE / fmax(large - small, 1e-9)};
    for (int i = 0; i < USUAL; i++) {
        out->networks[i + 1] = (snas_bench_network){.name = usual[i].name,
                                                    .latency_s = usual[i].latency_s,
                                                    .bytes_per_s = usual[i].gigabits * GIGABIT / BITS * PAYLOAD};
    }
    for (int i = 0; i < SNAS_BENCH_NETWORKS; i++) {
        predict(out, &out->traffic, &out->networks[i]);
    }
}
