/* profile.c -- where the time of a pass goes: seconds and calls by operation kind and phase, or by operation. */
#include "snas/graph/profile.h"

#include "snas/base/clock.h"

snas_status snas_profile_create(snas_arena *mem, int threads, snas_profile *out)
{
    *out = (snas_profile){.threads = threads};
    SNAS_NEW(mem, out->timings, (size_t)threads * SNAS_OP_COUNT * SNAS_PHASE_COUNT);
    return SNAS_OK;
}

snas_status snas_profile_create_operations(snas_arena *mem, int threads, int operations, snas_profile *out)
{
    *out = (snas_profile){.threads = threads, .operations = operations};
    SNAS_NEW(mem, out->by_operation, (size_t)threads * (size_t)operations);
    SNAS_NEW(mem, out->last, threads);
    return SNAS_OK;
}

void snas_profile_begin(const snas_profile *profile, int thread)
{
    profile->last[thread] = snas_clock_seconds();
}

void snas_profile_end(const snas_profile *profile, int thread, int operation)
{
    const double now = snas_clock_seconds();
    profile->by_operation[(size_t)thread * (size_t)profile->operations + (size_t)operation] +=
        now - profile->last[thread];
    profile->last[thread] = now;
}

snas_timing *snas_profile_at(const snas_profile *profile, int thread, snas_op_kind kind, snas_phase phase)
{
    return &profile->timings[(thread * SNAS_OP_COUNT + (int)kind) * SNAS_PHASE_COUNT + (int)phase];
}

snas_timing snas_profile_sum(const snas_profile *profile, snas_op_kind kind, snas_phase phase)
{
    snas_timing sum = {0};
    for (int thread = 0; thread < profile->threads; thread++) {
        const snas_timing *one = snas_profile_at(profile, thread, kind, phase);
        sum.seconds += one->seconds;
        sum.calls += one->calls;
    }
    return sum;
}
