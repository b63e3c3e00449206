/* manual.h -- the manual pages, section 1: snas(1), and one a command. */
#ifndef SNAS_CLI_MANUAL_H
#define SNAS_CLI_MANUAL_H

#include "command.h"

/** Print the source of the page of a command, or of the program: cli_top. */
SNAS_MUST_CHECK snas_status cli_manual(cli_session *session, const cli_command *command);

#endif
