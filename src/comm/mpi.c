/* mpi.c -- processes that mpirun or a batch system has started, by Open MPI. The only file that knows it.
 *
 * All calls are of the thread that opened. A swap is posted and then asked for until it is over, so that who waits can
 * look at the clock: it spins for as long as most answers take, then sleeps between two looks. On a busy machine the
 * one that it waits for may need its processor.
 */
#include <mpi.h>
#include <stdlib.h>
#include <time.h>

#include "kind.h"
#include "snas/base/clock.h"

enum { TAG = 1, MESSAGE_MAX = 1 << 30, PAUSE_NANOSECONDS = 20000 };

static const double SPIN_SECONDS = 200e-6;

static bool is_open;

/* Has somebody started this process as one of several? Without, MPI would start a daemon of its own. */
static bool is_launched(void)
{
    static const char *const SIGNS[] = {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"};
    for (size_t i = 0; i < sizeof SIGNS / sizeof SIGNS[0]; i++) {
        if (getenv(SIGNS[i]) != NULL) {
            return true;
        }
    }
    return false;
}

static snas_status open_mpi(int *rank, int *ranks)
{
    int provided;
    *rank = 0;
    *ranks = 1;
    if (!is_launched()) {
        return SNAS_OK;
    }
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS || provided < MPI_THREAD_FUNNELED) {
        return snas_fail(SNAS_E_FAILED, "Open MPI cannot be started for a process with threads");
    }
    is_open = true;
    (void)MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    (void)MPI_Comm_rank(MPI_COMM_WORLD, rank);
    (void)MPI_Comm_size(MPI_COMM_WORLD, ranks);
    return SNAS_OK;
}

static bool fail(int peer, int code)
{
    char reason[MPI_MAX_ERROR_STRING] = "";
    int length;
    (void)MPI_Error_string(code, reason, &length);
    snas_record("rank %d is lost: %s; the run goes on from its last checkpoint when it is resumed", peer, reason);
    return false;
}

/* Wait for both messages. */
static bool wait_for(MPI_Request requests[2], int peer, double patience)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NANOSECONDS};
    const double started = snas_clock_seconds();
    int done = 0;
    while (!done) {
        MPI_Status statuses[2];
        const int code = MPI_Testall(2, requests, &done, statuses);
        if (code != MPI_SUCCESS) {
            return fail(peer, code == MPI_ERR_IN_STATUS
                                  ? statuses[0].MPI_ERROR != MPI_SUCCESS ? statuses[0].MPI_ERROR : statuses[1].MPI_ERROR
                                  : code);
        }
        const double waited = done ? 0.0 : snas_clock_seconds() - started;
        if (waited > patience) {
            snas_record(
                "rank %d has not answered for %.0f seconds: it or its machine is lost; the run goes on from its "
                "last checkpoint when it is resumed",
                peer, patience);
            return false;
        }
        if (waited > SPIN_SECONDS) {
            (void)nanosleep(&pause, NULL);
        }
    }
    return true;
}

/* At most MESSAGE_MAX bytes each way. */
static bool swap_piece(const comm_exchange *what)
{
    MPI_Request requests[2];
    int code = MPI_Irecv(what->in, (int)what->in_bytes, MPI_BYTE, what->peer, TAG, MPI_COMM_WORLD, &requests[0]);
    if (code == MPI_SUCCESS) {
        code = MPI_Isend(what->out, (int)what->out_bytes, MPI_BYTE, what->peer, TAG, MPI_COMM_WORLD, &requests[1]);
    }
    /* NOLINTNEXTLINE(clang-analyzer-optin.mpi.MPI-Checker): wait_for tests the requests until they are over. */
    return code == MPI_SUCCESS ? wait_for(requests, what->peer, what->patience) : fail(what->peer, code);
}

static size_t piece_of(size_t bytes, size_t at)
{
    const size_t left = bytes > at ? bytes - at : 0;
    return left < MESSAGE_MAX ? left : MESSAGE_MAX;
}

static bool swap_mpi(const comm_exchange *what)
{
    const size_t most = what->out_bytes > what->in_bytes ? what->out_bytes : what->in_bytes;
    bool swapped = true;
    for (size_t at = 0; swapped && (at == 0 || at < most); at += MESSAGE_MAX) {
        comm_exchange piece = *what;
        piece.out_bytes = piece_of(what->out_bytes, at);
        piece.in_bytes = piece_of(what->in_bytes, at);
        piece.out = (const char *)what->out + (piece.out_bytes > 0 ? at : 0);
        piece.in = (char *)what->in + (piece.in_bytes > 0 ? at : 0);
        swapped = swap_piece(&piece);
    }
    return swapped;
}

static void close_mpi(void)
{
    if (is_open) {
        (void)MPI_Finalize();
    }
}

static void abandon_mpi(int code)
{
    if (is_open) {
        (void)MPI_Abort(MPI_COMM_WORLD, code);
    }
}

const comm_kind comm_kind_linked = {
    .name = "mpi", .open = open_mpi, .swap = swap_mpi, .close = close_mpi, .abandon = abandon_mpi};
