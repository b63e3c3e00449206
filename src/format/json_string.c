/* json_string.c -- one JSON string literal (RFC 8259, section 7): checked strictly, decoded to UTF-8. */
#include "json_string.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "snas/base/text.h"

/* Where the decoded bytes go; nowhere when to is NULL. */
typedef struct {
    char *to;
} sink;

static void put(sink *s, const char *bytes, size_t size)
{
    if (s->to != NULL) {
        memcpy(s->to, bytes, size);
        s->to += size;
    }
}

static void put_code_point(sink *s, uint32_t c)
{
    char utf8[4];
    const size_t size = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char LEAD[5] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = size - 1; i > 0; i--) {
        utf8[i] = (char)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    utf8[0] = (char)(LEAD[size] | c);
    put(s, utf8, size);
}

/* Four hex digits at `at`; false when they are not. */
static bool hex4(const char *at, const char *end, uint32_t *out)
{
    static const char DIGITS[] = "0123456789abcdef";
    *out = 0;
    if (end - at < 4) {
        return false;
    }
    for (int i = 0; i < 4; i++) {
        const char lower = (char)(at[i] >= 'A' && at[i] <= 'F' ? at[i] + 32 : at[i]);
        const char *digit = lower == '\0' ? NULL : strchr(DIGITS, lower);
        if (digit == NULL) {
            return false;
        }
        *out = *out << 4 | (uint32_t)(digit - DIGITS);
    }
    return true;
}

/* The escape after "\u", with the second half of a pair when it needs one. */
static const char *escape_unicode(const char **at, const char *end, sink *s)
{
    uint32_t c, low;
    if (!hex4(*at, end, &c)) {
        return "\\u wants four hexadecimal digits";
    }
    if (c == 0) {
        return "\\u0000 is not allowed";
    }
    *at += 4;
    if (c >= 0xdc00 && c <= 0xdfff) {
        return "half a surrogate pair";
    }
    if (c >= 0xd800 && c <= 0xdbff) {
        if (end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u' || !hex4(*at + 2, end, &low) || low < 0xdc00 ||
            low > 0xdfff) {
            return "half a surrogate pair";
        }
        *at += 6;
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
    put_code_point(s, c);
    return NULL;
}

/* What stands after a backslash. */
static const char *escape(const char **at, const char *end, sink *s)
{
    static const char LETTERS[] = "\"\\/bfnrt", MEANINGS[] = "\"\\/\b\f\n\r\t";
    if (*at == end) {
        return "a string without its closing quote";
    }
    const char letter = *(*at)++;
    if (letter == 'u') {
        return escape_unicode(at, end, s);
    }
    const char *found = letter == '\0' ? NULL : strchr(LETTERS, letter);
    if (found == NULL) {
        --*at;
        return "an unknown escape, allowed are \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX";
    }
    put(s, &MEANINGS[found - LETTERS], 1);
    return NULL;
}

const char *format_json_string(const char **at, const char *end, char *to)
{
    sink s = {to};
    for (++*at; *at < end && **at != '"';) {
        const unsigned char byte = (unsigned char)**at;
        if (byte == '\\') {
            ++*at;
            const char *problem = escape(at, end, &s);
            if (problem != NULL) {
                return problem;
            }
            continue;
        }
        if (byte < 32) {
            return "a control byte in a string, which must be escaped";
        }
        const int size = snas_utf8_size(*at, (size_t)(end - *at));
        if (size == 0) {
            return "broken UTF-8";
        }
        put(&s, *at, (size_t)size);
        *at += size;
    }
    if (*at == end) {
        return "a string without its closing quote";
    }
    ++*at;
    put(&s, "", 1);
    return NULL;
}
