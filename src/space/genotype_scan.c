/* genotype_scan.c -- a strict scanner over the texts of genotypes: one character after the other, its place known. */
#include "genotype_scan.h"

space_scanner space_scan_start(const char *name, snas_bytes text)
{
    const char *data = text.data;
    return (space_scanner){.at = data, .end = data + text.size, .spot = {.name = name, .line = 1, .column = 1}};
}

static void advance(space_scanner *in)
{
    if (*in->at == '\n') {
        in->spot.line++;
        in->spot.column = 0;
    }
    in->spot.column++;
    in->at++;
}

void space_scan_skip(space_scanner *in)
{
    while (in->at < in->end && (*in->at == ' ' || *in->at == '\t' || *in->at == '\n' || *in->at == '\r')) {
        advance(in);
    }
}

snas_status space_scan_unexpected(const space_scanner *in, const char *what)
{
    const space_spot spot = in->spot;
    if (in->at == in->end) {
        return snas_fail(SNAS_E_DATA, "%s:%d:%d: expected %s, found the end of the text", spot.name, spot.line,
                         spot.column, what);
    }
    char shown[16];
    const char found[2] = {*in->at, 0};
    return snas_fail(SNAS_E_DATA, "%s:%d:%d: expected %s, found '%s'", spot.name, spot.line, spot.column, what,
                     *in->at == 0 ? "\\x00" : snas_printable(shown, sizeof shown, found));
}

bool space_scan_has(space_scanner *in, char c)
{
    space_scan_skip(in);
    return in->at < in->end && *in->at == c;
}

bool space_scan_accept(space_scanner *in, char c)
{
    if (!space_scan_has(in, c)) {
        return false;
    }
    advance(in);
    return true;
}

snas_status space_scan_need(space_scanner *in, char c, const char *what)
{
    return space_scan_accept(in, c) ? SNAS_OK : space_scan_unexpected(in, what);
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

snas_status space_scan_word(space_scanner *in, char to[SPACE_WORD_MAX], space_spot *start, const char *what)
{
    space_scan_skip(in);
    *start = in->spot;
    size_t size = 0;
    while (in->at < in->end && (is_letter(*in->at) || (size > 0 && is_digit(*in->at)))) {
        if (size == SPACE_WORD_MAX - 1) {
            return snas_fail(SNAS_E_DATA, "%s:%d:%d: name is longer than %d letters", start->name, start->line,
                             start->column, SPACE_WORD_MAX - 1);
        }
        to[size++] = *in->at;
        advance(in);
    }
    to[size] = 0;
    return size > 0 ? SNAS_OK : space_scan_unexpected(in, what);
}

snas_status space_scan_quoted(space_scanner *in, char to[SPACE_WORD_MAX], space_spot *start)
{
    space_scan_skip(in);
    const char quote = in->at < in->end ? *in->at : 0;
    if (quote != '\'' && quote != '"') {
        return space_scan_unexpected(in, "an operation in quotes");
    }
    advance(in);
    *start = in->spot;
    size_t size = 0;
    while (in->at < in->end && (is_letter(*in->at) || is_digit(*in->at)) && size < SPACE_WORD_MAX - 1) {
        to[size++] = *in->at;
        advance(in);
    }
    to[size] = 0;
    if (in->at == in->end || *in->at != quote) {
        return space_scan_unexpected(in, "the closing quote of an operation");
    }
    advance(in);
    return SNAS_OK;
}

snas_status space_scan_number(space_scanner *in, int *out)
{
    space_scan_skip(in);
    if (in->at == in->end || !is_digit(*in->at)) {
        return space_scan_unexpected(in, "a number");
    }
    const space_spot start = in->spot;
    const bool zero = *in->at == '0';
    int digits = 0;
    *out = 0;
    for (; in->at < in->end && is_digit(*in->at); digits++) {
        if (digits == 4 || (zero && digits == 1)) {
            return snas_fail(SNAS_E_DATA, "%s:%d:%d: number is %s", start.name, start.line, start.column,
                             zero ? "written with a leading zero" : "too large, at most four digits are allowed");
        }
        *out = 10 * *out + (*in->at - '0');
        advance(in);
    }
    return SNAS_OK;
}

snas_status space_scan_end(space_scanner *in)
{
    space_scan_skip(in);
    return in->at < in->end ? space_scan_unexpected(in, "nothing after the genotype") : SNAS_OK;
}
