/* kind.h -- what a kind of communication is: a row of functions. Private to the room. */
#ifndef SNAS_COMM_KIND_H
#define SNAS_COMM_KIND_H

#include "snas/comm/comm.h"

/** Two messages between two ranks, one each way, and how long to wait for them. */
typedef struct {
    int peer;
    const void *out;
    void *in;
    size_t out_bytes, in_bytes;
    double patience; /* seconds */
} comm_exchange;

typedef struct {
    const char *name;
    /** Who this process is; SNAS_E_FAILED when the others cannot be found. */
    snas_status (*open)(int *rank, int *ranks);
    /** False with a recorded sentence when the peer does not answer. */
    bool (*swap)(const comm_exchange *what);
    /** All leave together; or this rank takes the others with it, and does not return. */
    void (*close)(void);
    void (*abandon)(int code);
} comm_kind;

/** The one that the program is linked with. */
extern const comm_kind comm_kind_linked;

/** Tests: another one, opened at once. */
SNAS_MUST_CHECK snas_status comm_use(const comm_kind *kind, snas_comm_lost lost, void *context);

#endif
