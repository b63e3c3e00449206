/* output.c -- stdout for results, stderr for people: the only place that writes to either.
 *
 * Whatever goes out was formed from names, files and arguments that came from outside. So it passes `emit`, which shows
 * the controls among it, but for newlines and tabs, as \xNN. Our own controls are written beside it: colours here, the
 * wiping of a line in status_line.c.
 */
#include "output.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "snas/base/clock.h"
#include "snas/comm/comm.h"
#include "status_line.h"

enum { LINE_BYTES = 1024 };

static const char RED[] = "\033[31m", YELLOW[] = "\033[33m", PLAIN[] = "\033[0m";

/* --- writing ------------------------------------------------------------------------------------------------------ */

/* Bytes from `text` on that may go out as they are. */
static size_t harmless(const char *text, size_t left)
{
    size_t size = 0;
    while (size < left) {
        const int more = text[size] == '\n' || text[size] == '\t' ? 1 : snas_harmless(text + size, left - size);
        if (more == 0) {
            break;
        }
        size += (size_t)more;
    }
    return size;
}

/* False when it could not be written. */
static bool emit(FILE *to, const char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        const size_t size = harmless(text, left);
        if (size > 0 && fwrite(text, 1, size, to) != size) {
            return false;
        }
        text += size;
        left -= size;
        if (left > 0) {
            if (fprintf(to, "\\x%02x", (unsigned char)*text) < 0) {
                return false;
            }
            text++;
            left--;
        }
    }
    return true;
}

/* printf by emit. */
__attribute__((format(printf, 3, 0))) static bool emit_formed(const cli_session *session, FILE *to, const char *format,
                                                              va_list arguments)
{
    char line[LINE_BYTES];
    va_list again;
    va_copy(again, arguments);
    const int size = vsnprintf(line, sizeof line, format, arguments);
    bool written = size >= 0;
    if (written && size < LINE_BYTES) {
        written = emit(to, line);
    } else if (written) {
        const snas_mark mark = snas_arena_mark(session->mem);
        char *text = snas_arena_take(session->mem, (size_t)size + 1, 1);
        written = text != NULL && vsnprintf(text, (size_t)size + 1, format, again) == size && emit(to, text);
        snas_arena_release(session->mem, mark);
    }
    va_end(again);
    return written;
}

/* "snas: SENTENCE", its beginning in colour. */
static void write_line(cli_session *session, const char *colour, const char *beginning, const char *sentence)
{
    cli_status_wipe();
    fprintf(stderr, "%s%s%s ", session->colour ? colour : "", beginning, session->colour ? PLAIN : "");
    emit(stderr, sentence);
    fputc('\n', stderr);
}

static void log_sink(void *context, snas_log_level level, const char *message)
{
    cli_session *session = context;
    const bool shown = level != SNAS_LOG_DEBUG || session->verbose; /* cli_say_text is silent with -q */
    if (!shown) {
        return;
    }
    if (level == SNAS_LOG_WARNING) {
        write_line(session, YELLOW, "warning:", message);
    } else {
        cli_say_text(session, message);
    }
}

/* --- the session -------------------------------------------------------------------------------------------------- */

static bool is_set(const char *variable)
{
    const char *value = getenv(variable);
    return value != NULL && value[0] != 0;
}

void cli_output_open(cli_session *session, bool no_color)
{
    const char *term = getenv("TERM");
    session->terminal = isatty(STDERR_FILENO) == 1 && (term == NULL || strcmp(term, "dumb") != 0);
    session->colour = session->terminal && !no_color && !is_set("NO_COLOR");
    session->last_line = snas_clock_seconds();
    cli_status_open(session->terminal);
    snas_log_to(log_sink, session);
}

void cli_output_silence(cli_session *session)
{
    session->silent = session->quiet = true;
    session->terminal = session->colour = false;
    snas_log_to(NULL, NULL);
}

/* The first fault's reason, for when stdout is closed. */
static void note_print(cli_session *session, bool failed)
{
    if (failed && session->print_fault == 0) {
        session->print_fault = errno;
    }
}

void cli_print(cli_session *session, const char *format, ...)
{
    if (session->silent) {
        return;
    }
    cli_status_wipe();
    va_list arguments;
    va_start(arguments, format);
    note_print(session, !emit_formed(session, stdout, format, arguments));
    va_end(arguments);
}

snas_status cli_print_text(cli_session *session, const snas_text *text)
{
    SNAS_TRY(snas_text_done(text));
    if (session->silent) {
        return SNAS_OK;
    }
    cli_status_wipe();
    note_print(session, !emit(stdout, text->data));
    return SNAS_OK;
}

void cli_say_text(cli_session *session, const char *text)
{
    if (session->quiet) {
        return;
    }
    cli_status_wipe();
    emit(stderr, text);
    fputc('\n', stderr);
}

void cli_say(cli_session *session, const char *format, ...)
{
    if (session->quiet) {
        return;
    }
    cli_status_wipe();
    va_list arguments;
    va_start(arguments, format);
    emit_formed(session, stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

void cli_draw_line(cli_session *session, const char *line)
{
    if (session->terminal) {
        cli_status_draw(line);
    } else {
        emit(stderr, line);
        fputc('\n', stderr);
    }
}

void cli_complain(cli_session *session, const char *sentence)
{
    char beginning[32] = "snas:";
    if (session->silent) {
        snprintf(beginning, sizeof beginning, "snas: rank %d:", snas_comm_rank());
    }
    write_line(session, RED, beginning, sentence);
}

void cli_flush(cli_session *session)
{
    note_print(session, fflush(stdout) != 0);
}

snas_status cli_output_close(cli_session *session)
{
    cli_status_wipe();
    snas_log_to(NULL, NULL);
    const bool failed = ferror(stdout) != 0;
    note_print(session, fclose(stdout) != 0);
    if (!failed && session->print_fault == 0) {
        return SNAS_OK;
    }
    return snas_fail(SNAS_E_IO, "cannot write the result to standard output: %s",
                     session->print_fault != 0 ? strerror(session->print_fault) : "an earlier write failed");
}

const char *cli_grouped(snas_arena *mem, int64_t value)
{
    char digits[32];
    const int length = snprintf(digits, sizeof digits, "%" PRId64, value);
    snas_text text = snas_text_make(mem);
    for (int i = 0; i < length; i++) {
        const bool comma = i > 0 && (length - i) % 3 == 0 && digits[i - 1] != '-';
        snas_text_add(&text, "%s%c", comma ? "," : "", digits[i]);
    }
    return text.failed ? "?" : text.data;
}

const char *cli_loss(snas_arena *mem, double loss)
{
    static const double large = 1e6;
    const char *text = snas_format(mem, loss < large ? "%.4f" : "%.4g", loss);
    return text == NULL ? "?" : text;
}
