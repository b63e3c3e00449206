/* status_line.c -- a line drawn, wiped, and fitted anew by the handler of SIGWINCH.
 *
 * The handler may come at any moment. While the line is being changed it only notes that it came; the change then ends
 * with what the handler would have done.
 */
#include "status_line.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "snas/base/text.h"

enum { LINE_BYTES = 1024, COLUMNS = 80 };

static const char WIPE[] = "\r\033[K";

static bool is_terminal;
static int columns_else;       /* where the terminal does not say its width */
static char drawn[LINE_BYTES]; /* the line as it was wanted; its end is a 0 */
static volatile sig_atomic_t stands, changing, resized;

int cli_status_columns(void)
{
    struct winsize size;
    if (!is_terminal) {
        return 0;
    }
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : columns_else;
}

/* Bytes of the line that fit, up to the end of an item: items are two spaces apart. The last column stays free, for
 * some terminals go to the next line there. */
static size_t fitting(int columns)
{
    size_t size = 0, whole = 0;
    for (int column = 0; drawn[size] != '\0'; column++) {
        if (drawn[size] == ' ' && drawn[size + 1] == ' ') {
            whole = size;
        }
        if (column >= columns - 1) {
            return whole > 0 ? whole : size;
        }
        do {
            size++;
        } while (((unsigned char)drawn[size] & 0xc0) == 0x80);
    }
    return size;
}

/* Everything here is safe in a handler. */
static void fit(void)
{
    (void)!write(STDERR_FILENO, WIPE, sizeof WIPE - 1);
    (void)!write(STDERR_FILENO, drawn, fitting(cli_status_columns()));
}

static void on_resize(int number)
{
    (void)number;
    resized = 1;
    if (stands != 0 && changing == 0) {
        resized = 0;
        fit();
    }
}

void cli_status_open(bool terminal)
{
    int64_t columns;
    const char *variable = getenv("COLUMNS");
    const bool said = variable != NULL && snas_whole(variable, strlen(variable), &columns);
    columns_else = said && columns > 0 && columns < INT_MAX ? (int)columns : COLUMNS;
    is_terminal = terminal;
    if (terminal) {
        struct sigaction action;
        memset(&action, 0, sizeof action);
        action.sa_handler = on_resize;
        action.sa_flags = SA_RESTART;
        sigemptyset(&action.sa_mask);
        sigaction(SIGWINCH, &action, NULL);
    }
}

void cli_status_draw(const char *line)
{
    changing = 1;
    snas_printable(drawn, sizeof drawn, line);
    stands = 1;
    do {
        resized = 0;
        fit();
    } while (resized != 0);
    changing = 0;
}

void cli_status_wipe(void)
{
    if (stands != 0) {
        stands = 0;
        (void)!write(STDERR_FILENO, WIPE, sizeof WIPE - 1);
    }
}
