/* batch_stream.c -- the batches of one loader, one after the other: batch n is batch n mod B of epoch n / B. */
#include "snas/learn/batch_stream.h"

snas_status snas_batch_stream_next(snas_batch_stream *stream, snas_loaded *out)
{
    const int64_t batches = snas_loader_batches(stream->loader);
    SNAS_TRY(snas_loader_take(stream->loader, stream->taken / batches, (int)(stream->taken % batches), out));
    stream->taken++;
    return SNAS_OK;
}
