/* text.c -- strings: a text that grows in an arena by doubling, and how bytes from outside are shown. */
#include "snas/base/text.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snas/base/checked.h"
#include "snas/base/sentence.h"

enum { TEXT_FIRST = 256 };

snas_text snas_text_make(snas_arena *mem)
{
    static char nothing[1];
    snas_text text = {.mem = mem, .data = snas_arena_take(mem, TEXT_FIRST, 1), .capacity = TEXT_FIRST};
    if (text.data == NULL) {
        text = (snas_text){.mem = mem, .data = nothing, .capacity = 1, .failed = true};
    }
    return text;
}

/* Room for `more` bytes and the final 0. */
static bool text_reserve(snas_text *text, size_t more)
{
    size_t wanted;
    if (text->failed || !snas_size_add(text->size, more, &wanted) || !snas_size_add(wanted, 1, &wanted)) {
        text->failed = true;
        return false;
    }
    if (wanted <= text->capacity) {
        return true;
    }
    size_t capacity;
    if (!snas_size_multiply(text->capacity, 2, &capacity) || capacity < wanted) {
        capacity = wanted;
    }
    char *data = snas_arena_take(text->mem, capacity, 1);
    if (data == NULL) {
        text->failed = true;
        return false;
    }
    memcpy(data, text->data, text->size);
    text->data = data;
    text->capacity = capacity;
    return true;
}

void snas_text_add_bytes(snas_text *text, const void *bytes, size_t size)
{
    if (size == 0 || !text_reserve(text, size)) {
        return;
    }
    memcpy(text->data + text->size, bytes, size);
    text->size += size;
    text->data[text->size] = '\0';
}

/* Bytes of the formed text, without its final 0. */
__attribute__((format(printf, 1, 0))) static int formed_size(const char *format, va_list args)
{
    char nothing[1];
    const int size = vsnprintf(nothing, sizeof nothing, format, args);
    assert(size >= 0);
    return size;
}

void snas_text_add(snas_text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int size = formed_size(format, args);
    va_end(args);
    if (!text_reserve(text, (size_t)size)) {
        return;
    }
    va_start(args, format);
    vsnprintf(text->data + text->size, (size_t)size + 1, format, args);
    va_end(args);
    text->size += (size_t)size;
}

void snas_text_next(snas_text *text, const char *between)
{
    if (text->size > 0 && strchr("[{(", text->data[text->size - 1]) == NULL) {
        snas_text_add_bytes(text, between, strlen(between));
    }
}

/* U+0080 to U+009F: controls of eight bits, which some terminals obey. */
static bool is_c1(const unsigned char *byte, int size)
{
    return size == 2 && byte[0] == 0xc2 && byte[1] < 0xa0;
}

void snas_text_add_json(snas_text *text, const char *string)
{
    static const char SHORT[32] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    snas_text_add_bytes(text, "\"", 1);
    for (size_t left = strlen(string); left > 0;) {
        const unsigned char byte = (unsigned char)*string;
        size_t size = (size_t)snas_utf8_size(string, left);
        if (size == 0) { /* broken UTF-8: the replacement character, for a JSON text must be UTF-8 */
            snas_text_add_bytes(text, "\xef\xbf\xbd", 3);
            size = 1;
        } else if (byte == '"' || byte == '\\') {
            snas_text_add(text, "\\%c", byte);
        } else if (byte < 32 && SHORT[byte] != 0) {
            snas_text_add(text, "\\%c", SHORT[byte]);
        } else if (byte < 32 || byte == 127) {
            snas_text_add(text, "\\u%04x", byte);
        } else if (is_c1((const unsigned char *)string, (int)size)) {
            snas_text_add(text, "\\u%04x", (unsigned char)string[1]); /* U+00xx is c2 xx */
        } else {
            snas_text_add_bytes(text, string, size);
        }
        string += size;
        left -= size;
    }
    snas_text_add_bytes(text, "\"", 1);
}

void snas_text_add_real(snas_text *text, double value)
{
    if (!isfinite(value)) {
        snas_text_add_bytes(text, "null", 4);
        return;
    }
    char form[40];
    const bool whole = fabs(value) < 1e15 && value == trunc(value) && !(value == 0.0 && signbit(value));
    snprintf(form, sizeof form, "%.0f", value); /* 10, not 1e+01 */
    for (int digits = 1; !whole && digits <= 17; digits++) {
        snprintf(form, sizeof form, "%.*g", digits, value);
        if (strtod(form, NULL) == value) {
            break;
        }
    }
    snas_text_add_bytes(text, form, strlen(form));
}

snas_status snas_text_done(const snas_text *text)
{
    return text->failed ? snas_fail(SNAS_E_MEMORY, "out of memory: a text of %zu bytes cannot grow", text->size)
                        : SNAS_OK;
}

char *snas_format_list(snas_arena *mem, const char *format, va_list values)
{
    char nothing[1];
    const size_t size = snas_sentence(nothing, sizeof nothing, format, values);
    char *to = snas_arena_take(mem, size + 1, 1);
    if (to != NULL) {
        snas_sentence(to, size + 1, format, values);
    }
    return to;
}

char *snas_format(snas_arena *mem, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    char *to = snas_format_list(mem, format, values);
    va_end(values);
    return to;
}

size_t snas_bom_size(const void *text, size_t size)
{
    return size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

int snas_utf8_size(const char *at, size_t left)
{
    /* One row a kind of first byte: its range, the bytes of the sequence, the range of the second byte. */
    static const struct {
        unsigned char low, high, size, second_low, second_high;
    } KINDS[] = {
        {0x00, 0x7f, 1, 0, 0},       {0xc2, 0xdf, 2, 0x80, 0xbf}, {0xe0, 0xe0, 3, 0xa0, 0xbf},
        {0xe1, 0xec, 3, 0x80, 0xbf}, {0xed, 0xed, 3, 0x80, 0x9f}, {0xee, 0xef, 3, 0x80, 0xbf},
        {0xf0, 0xf0, 4, 0x90, 0xbf}, {0xf1, 0xf3, 4, 0x80, 0xbf}, {0xf4, 0xf4, 4, 0x80, 0x8f},
    };
    const unsigned char *byte = (const unsigned char *)at;
    for (size_t k = 0; left > 0 && k < sizeof KINDS / sizeof KINDS[0]; k++) {
        if (byte[0] < KINDS[k].low || byte[0] > KINDS[k].high) {
            continue;
        }
        const int size = KINDS[k].size;
        bool good = (size_t)size <= left;
        good = good && (size < 2 || (byte[1] >= KINDS[k].second_low && byte[1] <= KINDS[k].second_high));
        for (int i = 2; good && i < size; i++) {
            good = (byte[i] & 0xc0) == 0x80;
        }
        return good ? size : 0;
    }
    return 0;
}

int snas_harmless(const char *at, size_t left)
{
    const unsigned char *byte = (const unsigned char *)at;
    const int size = snas_utf8_size(at, left);
    const bool control = size > 0 && (byte[0] < 32 || byte[0] == 127 || is_c1(byte, size));
    return control ? 0 : size;
}

const char *snas_printable(char *to, size_t capacity, const char *from)
{
    assert(capacity > 0);
    size_t used = 0;
    for (size_t left = strlen(from); left > 0;) {
        const int shown = snas_harmless(from, left);
        const size_t size = shown > 0 ? (size_t)shown : 1;
        if (used + (shown > 0 ? size : 4) >= capacity) {
            break;
        }
        if (shown > 0) {
            memcpy(to + used, from, size);
            used += size;
        } else {
            snprintf(to + used, 5, "\\x%02x", (unsigned char)*from);
            used += 4;
        }
        from += size;
        left -= size;
    }
    to[used] = '\0';
    return to;
}

bool snas_starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool snas_ends(const char *text, const char *suffix)
{
    const size_t n = strlen(text), m = strlen(suffix);
    return n >= m && memcmp(text + n - m, suffix, m) == 0;
}

const char *snas_path_name(snas_arena *mem, const char *path)
{
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/') {
        end--;
    }
    size_t begin = end;
    while (begin > 0 && path[begin - 1] != '/') {
        begin--;
    }
    return snas_format(mem, "%.*s", (int)(end - begin), path + begin);
}

const char *snas_shell_word(snas_arena *mem, const char *word)
{
    static const char PLAIN[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+=,-";
    if (word[0] != 0 && word[strspn(word, PLAIN)] == 0) {
        return word;
    }
    snas_text text = snas_text_make(mem);
    snas_text_add(&text, "'");
    for (; *word != 0; word++) {
        snas_text_add(&text, *word == '\'' ? "'\\''" : "%c", *word);
    }
    snas_text_add(&text, "'");
    return text.failed ? word : text.data;
}
