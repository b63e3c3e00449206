/* sentence.c -- printf for sentences: the format is walked a conversion at a time, so that quoted names can be made
 * printable; every other conversion goes to snprintf as it stands.
 */
#include "snas/base/sentence.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "snas/base/text.h"

enum { SPEC_BYTES = 64 };

typedef struct {
    char *to;
    size_t capacity, used;
    size_t whole; /* bytes that there would be with room for all */
} writer;

static void add_bytes(writer *w, const char *bytes, size_t size)
{
    const size_t left = w->capacity - 1 - w->used;
    const size_t taken = size < left ? size : left;
    memcpy(w->to + w->used, bytes, taken);
    w->used += taken;
    w->whole += size;
    w->to[w->used] = '\0';
}

/* What snprintf has written after `used`, or would have. */
static void advance(writer *w, int size)
{
    const size_t left = w->capacity - 1 - w->used;
    assert(size >= 0);
    w->used += (size_t)size < left ? (size_t)size : left;
    w->whole += (size_t)size;
}

/* One conversion of a format: "%-*.3f", with a number in the place of a star. */
typedef struct {
    char spec[SPEC_BYTES];
    char length[3]; /* "", "l", "ll", "z", "t", "j" */
    char kind;      /* 'd', 's', 'g', ... */
    int precision;  /* -1: none */
} conversion;

/* Copy a number of the format, or the argument of its star; returns it. */
static int copy_number(conversion *c, const char **at, va_list *arguments)
{
    const size_t used = strlen(c->spec);
    int number = 0;
    if (**at == '*') {
        number = va_arg(*arguments, int);
        ++*at;
    }
    for (; **at >= '0' && **at <= '9'; ++*at) {
        number = 10 * number + (**at - '0');
    }
    snprintf(c->spec + used, sizeof c->spec - used, "%d", number);
    return number;
}

static void copy_letters(char *to, const char **at, const char *letters)
{
    for (size_t used = strlen(to); **at != '\0' && strchr(letters, **at) != NULL; ++*at) {
        to[used++] = **at;
        to[used] = '\0';
    }
}

/* The conversion at *at, which is after its %; *at is then after it. */
static conversion parse(const char **at, va_list *arguments)
{
    conversion c = {.spec = "%", .precision = -1};
    copy_letters(c.spec, at, "-+ #0");
    if (**at == '*' || (**at >= '1' && **at <= '9')) {
        copy_number(&c, at, arguments);
    }
    if (**at == '.') {
        copy_letters(c.spec, at, ".");
        c.precision = copy_number(&c, at, arguments);
    }
    copy_letters(c.length, at, "hlztj");
    c.kind = **at;
    const size_t used = strlen(c.spec);
    snprintf(c.spec + used, sizeof c.spec - used, "%s%c", c.length, c.kind);
    *at += c.kind != '\0';
    return c;
}

/* A name from outside, as far as its precision goes. */
static void add_printable(writer *w, const char *name, int precision)
{
    const size_t size = precision < 0 ? strlen(name) : strnlen(name, (size_t)precision);
    for (size_t i = 0; i < size;) {
        char code[8];
        const int shown = snas_harmless(name + i, size - i);
        if (shown > 0) {
            add_bytes(w, name + i, (size_t)shown);
        } else {
            snprintf(code, sizeof code, "\\x%02x", (unsigned char)name[i]);
            add_bytes(w, code, 4);
        }
        i += shown > 0 ? (size_t)shown : 1;
    }
}

/* snprintf of one argument after what is written. */
#define ADD_AS(w, c, type, arguments)                                                                                  \
    advance((w), snprintf((w)->to + (w)->used, (w)->capacity - (w)->used, (c)->spec, va_arg(*(arguments), type)))

/* Branches differ in the type that va_arg takes. */
/* NOLINTBEGIN(bugprone-branch-clone) */
static void add_whole(writer *w, const conversion *c, va_list *arguments)
{
    if (strcmp(c->length, "l") == 0) {
        ADD_AS(w, c, long, arguments);
    } else if (strcmp(c->length, "ll") == 0) {
        ADD_AS(w, c, long long, arguments);
    } else if (c->length[0] == 'z') {
        ADD_AS(w, c, size_t, arguments);
    } else if (c->length[0] == 't') {
        ADD_AS(w, c, ptrdiff_t, arguments);
    } else if (c->length[0] == 'j') {
        ADD_AS(w, c, intmax_t, arguments);
    } else {
        ADD_AS(w, c, int, arguments);
    }
}

static void add(writer *w, const conversion *c, bool quoted, va_list *arguments)
{
    switch (c->kind) {
    case 's':
        if (quoted) {
            add_printable(w, va_arg(*arguments, const char *), c->precision);
        } else {
            ADD_AS(w, c, const char *, arguments);
        }
        break;
    case 'a':
    case 'e':
    case 'f':
    case 'g':
        ADD_AS(w, c, double, arguments);
        break;
    case 'p':
        ADD_AS(w, c, void *, arguments);
        break;
    case '%':
        add_bytes(w, "%", 1);
        break;
    default:
        assert(c->kind != '\0' && strchr("cdioux", c->kind) != NULL);
        add_whole(w, c, arguments);
    }
}
/* NOLINTEND(bugprone-branch-clone) */

size_t snas_sentence(char *to, size_t capacity, const char *format, va_list arguments)
{
    assert(capacity > 0);
    writer w = {.to = to, .capacity = capacity};
    va_list rest;
    to[0] = '\0';
    va_copy(rest, arguments);
    for (const char *at = format; *at != '\0';) {
        const size_t plain = strcspn(at, "%");
        add_bytes(&w, at, plain);
        at += plain;
        if (*at == '%') {
            const bool quoted = plain > 0 && at[-1] == '\'';
            at++;
            const conversion c = parse(&at, &rest);
            add(&w, &c, quoted, &rest);
        }
    }
    va_end(rest);
    return w.whole;
}
