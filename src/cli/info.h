/* info.h -- what this build and this machine are. */
#ifndef SNAS_CLI_INFO_H
#define SNAS_CLI_INFO_H

#include "output.h"

/** Version, compiler, BLAS, kernel set: a few lines, or one JSON document. */
void cli_print_version(cli_session *session, bool json);

#endif
