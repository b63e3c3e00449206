/* info.h -- what this build and this machine are; what an architecture is, and how large its network. */
#ifndef SNAS_CLI_INFO_H
#define SNAS_CLI_INFO_H

#include "output.h"
#include "snas/model/network.h"

/** Version, compiler, BLAS, kernel set: a few lines, or one JSON document. */
SNAS_MUST_CHECK snas_status cli_print_version(cli_session *session, bool json);

/** What network of a genotype: 0 and false where nothing is given. */
typedef struct {
    int channels, cells, classes, side;
    int stem; /* snas_stem */
    bool pool_bn, no_pool_bn;
} cli_size;

/** Is any of it given? */
bool cli_size_asked(const cli_size *size);

/** Print parameters, those of the auxiliary classifier, multiply-adds, and the table they add up; and what is known of
 *  the cell by `table` (known.h). SNAS_E_USAGE with a sentence when the network cannot be built. */
SNAS_MUST_CHECK snas_status cli_size_print(cli_session *session, const char *name, const char *table,
                                           const cli_size *size, bool json);

/** Print what the network of a genotype costs as `snas train` builds it by the config file: parameters, multiply-adds,
 *  activations, and the time by a table of `snas latency`: `table`, NULL: the config's, if it names one. */
SNAS_MUST_CHECK snas_status cli_costs_print(cli_session *session, const char *name, const char *config,
                                            const char *table, bool json);

/** Print a genotype as its file: JSON. What is known of the cell by `table` is for people; with `json` both, and the
 *  line of NAS-Bench-201, are one object. */
SNAS_MUST_CHECK snas_status cli_genotype_print(cli_session *session, const char *name, const char *table, bool json);

#endif
