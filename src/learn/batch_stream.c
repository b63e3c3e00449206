/* batch_stream.c -- the batches of one loader, one after the other: batch n is batch n mod B of epoch n / B. */
#include "snas/learn/batch_stream.h"

#include "snas/comm/comm.h"

snas_status snas_pictures_take(snas_loader *loader, int64_t epoch, int b, snas_loaded *out)
{
    return snas_comm_agree(snas_loader_take(loader, epoch, b, out));
}

snas_status snas_batch_stream_next(snas_batch_stream *stream, snas_loaded *out)
{
    const int64_t batches = snas_loader_batches(stream->loader);
    SNAS_TRY(snas_pictures_take(stream->loader, stream->taken / batches, (int)(stream->taken % batches), out));
    stream->taken++;
    return SNAS_OK;
}
