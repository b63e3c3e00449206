/* ranks_fixture.h -- ranks without MPI: a child process each, with a socket between any two. */
#ifndef SNAS_TESTS_RANKS_FIXTURE_H
#define SNAS_TESTS_RANKS_FIXTURE_H

#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kind.h"

static int ranks_wires[SNAS_RANKS_MAX][SNAS_RANKS_MAX]; /* [rank][peer]: the rank's end */
static int ranks_count, ranks_self;

static snas_status ranks_open(int *rank, int *ranks)
{
    *rank = ranks_self;
    *ranks = ranks_count;
    return SNAS_OK;
}

static bool ranks_send(int wire, const char *at, size_t bytes)
{
    for (ssize_t n; bytes > 0; at += n, bytes -= (size_t)n) {
        n = send(wire, at, bytes, MSG_NOSIGNAL);
        if (n <= 0) {
            return false;
        }
    }
    return true;
}

static bool ranks_receive(int wire, char *at, size_t bytes)
{
    for (ssize_t n; bytes > 0; at += n, bytes -= (size_t)n) {
        n = read(wire, at, bytes);
        if (n <= 0) {
            return false;
        }
    }
    return true;
}

static bool ranks_swap(const comm_exchange *what)
{
    const int wire = ranks_wires[ranks_self][what->peer];
    const bool swapped = ranks_send(wire, what->out, what->out_bytes) && ranks_receive(wire, what->in, what->in_bytes);
    if (!swapped) {
        snas_record("rank %d is lost", what->peer);
    }
    return swapped;
}

static void ranks_close(void)
{
}

static void ranks_abandon(int code)
{
    _exit(code);
}

static const comm_kind ranks_kind = {
    .name = "sockets", .open = ranks_open, .swap = ranks_swap, .close = ranks_close, .abandon = ranks_abandon};

static void ranks_lost(void *context, const char *sentence)
{
    (void)context;
    (void)sentence;
}

static int ranks_child(int rank, int (*body)(int rank))
{
    ranks_self = rank;
    for (int other = 0; other < ranks_count; other++) {
        for (int peer = 0; peer < ranks_count && other != rank; peer++) {
            if (peer != other) {
                close(ranks_wires[other][peer]);
            }
        }
    }
    return comm_use(&ranks_kind, ranks_lost, NULL) == SNAS_OK ? body(rank) : 99;
}

/** Run `body` as each of `count` ranks; codes[rank]: what it returned, or the process's exit code. */
static void ranks_run(int count, int (*body)(int rank), int *codes)
{
    pid_t children[SNAS_RANKS_MAX];
    ranks_count = count;
    for (int a = 0; a < count; a++) {
        for (int b = a + 1; b < count; b++) {
            int ends[2];
            assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
            ranks_wires[a][b] = ends[0];
            ranks_wires[b][a] = ends[1];
        }
    }
    fflush(NULL);
    for (int rank = 0; rank < count; rank++) {
        children[rank] = fork();
        if (children[rank] == 0) {
            _exit(ranks_child(rank, body));
        }
    }
    for (int a = 0; a < count; a++) {
        for (int b = 0; b < count; b++) {
            if (a != b) {
                close(ranks_wires[a][b]);
            }
        }
    }
    for (int rank = 0; rank < count; rank++) {
        int status = 0;
        assert_int_equal(waitpid(children[rank], &status, 0), children[rank]);
        codes[rank] = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
}

#endif
