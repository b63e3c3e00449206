/* status_line.h -- the one line of a terminal that is redrawn in place, no wider than the terminal is at any time.
 *
 * There is one of it: a terminal has one cursor. When the terminal's width changes the line is fitted anew at once, by
 * a handler of SIGWINCH that calls nothing but ioctl and write.
 */
#ifndef SNAS_CLI_STATUS_LINE_H
#define SNAS_CLI_STATUS_LINE_H

#include <stdbool.h>

/** Before anything else: follow the width, where stderr is a terminal. */
void cli_status_open(bool terminal);

/** Columns of the terminal: its own word, else $COLUMNS, else 80; 0 when stderr is none: no line is too long. */
int cli_status_columns(void);

/** Draw `line` in the place of the one drawn before. On a terminal only. */
void cli_status_draw(const char *line);

/** Remove it, where one stands: something else is to be written there. */
void cli_status_wipe(void);

#endif
