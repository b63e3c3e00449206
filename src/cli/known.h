/* known.h -- accuracies that are known of a cell or of a space's cells, as results: lines for people, or JSON. */
#ifndef SNAS_CLI_KNOWN_H
#define SNAS_CLI_KNOWN_H

#include "output.h"
#include "snas/space/benchmark.h"

/** A genotype and the table that it is looked up in. */
typedef struct {
    const snas_genotype *genotype;
    const snas_benchmark *benchmark; /* NULL: nothing is known */
} cli_known;

/** Open the table `path`; NULL: the one that comes with the program, without which people are told and nothing is
 *  known. In a space without one nothing is known, and a `path` is SNAS_E_USAGE. */
SNAS_MUST_CHECK snas_status cli_known_open(cli_session *session, const snas_genotype *genotype, const char *path,
                                           cli_known *out);

/** A heading and a line a column; nothing when nothing is known. */
void cli_known_add_lines(snas_text *text, const cli_known *known);

/** The same to people. */
SNAS_MUST_CHECK snas_status cli_known_say(cli_session *session, const cli_known *known);

/** An object, null when nothing is known; a column without the cell is null in it. */
void cli_known_add_json(snas_text *text, const cli_known *known);

/** The quantiles of all cells of a space, their mean, and the best of them; as cli_known_open where it has no table. */
SNAS_MUST_CHECK snas_status cli_known_space(cli_session *session, const snas_space *space, const char *path, bool json);

#endif
