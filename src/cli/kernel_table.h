/* kernel_table.h -- `snas bench --kernels`: every fused kernel alone. */
#ifndef SNAS_CLI_KERNEL_TABLE_H
#define SNAS_CLI_KERNEL_TABLE_H

#include "frame.h"

/** Measure and print, as a table or as JSON; 0: else 256 pictures, 10 rounds. */
SNAS_MUST_CHECK snas_status cli_bench_kernels(cli_session *session, int pictures, int rounds, bool json);

#endif
