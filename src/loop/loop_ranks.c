/* loop_ranks.c -- a run of several processes: that they do the same thing, and still hold the same numbers. */
#include "loop_ranks.h"

#include <stdio.h>
#include <string.h>

#include "snas/base/version.h"
#include "snas/comm/comm.h"
#include "snas/format/safetensors.h"
#include "snas/model/network.h"

static uint32_t add_text(uint32_t sum, const char *text)
{
    return snas_crc32c(sum, text, strlen(text) + 1);
}

snas_status loop_ranks_meet(snas_loop *loop)
{
    if (snas_comm_ranks() == 1) {
        return SNAS_OK;
    }
    SNAS_TRY(snas_comm_same(add_text(0, SNAS_VERSION), "a program"));
    SNAS_TRY(snas_comm_same(add_text(0, snas_network_kernels(loop->network)),
                            "kernels (SNAS_KERNELS makes them alike on all machines)"));
    SNAS_TRY(snas_comm_same(add_text(0, loop->config->text), "a config"));
    return snas_comm_same(snas_crc32c(loop->dataset->identity, &loop->dataset->train.count, sizeof(int)), "a data set");
}

/* Bytes of a row of a checkpoint. */
static size_t bytes_of(const snas_checkpoint_row *row)
{
    size_t bytes = snas_dtype_size(row->dtype);
    for (int i = 0; i < row->dims; i++) {
        bytes *= (size_t)row->shape[i];
    }
    return bytes;
}

snas_status loop_ranks_compare(snas_loop *loop)
{
    const snas_network *n = loop->network;
    char what[96];
    if (snas_comm_ranks() == 1) {
        return SNAS_OK;
    }
    const size_t element = snas_dtype_size(snas_network_dtype(n));
    uint32_t sum = snas_crc32c(0, snas_network_weights(n), (size_t)snas_network_weight_count(n) * element);
    sum = snas_crc32c(sum, snas_network_buffers(n), (size_t)snas_network_buffer_values(n) * element);
    for (int i = 0; i < loop->checkpoint.count; i++) {
        sum = snas_crc32c(sum, loop->checkpoint.rows[i].data, bytes_of(&loop->checkpoint.rows[i]));
    }
    snprintf(what, sizeof what, "weights and logits, by the end of epoch %lld,", (long long)loop->state.epoch + 1);
    return snas_comm_same(sum, what);
}

snas_status loop_ranks_end(snas_status status)
{
    return status == SNAS_OK || status == SNAS_E_NUMERIC ? snas_comm_agree(status) : status;
}
