/* c_text.c -- words of C: numbers, strings, comments, names, arrays. */
#include <stdio.h>
#include <string.h>

#include "c_source.h"

enum { FLOATS_A_LINE = 8 };

void c_add_float(snas_text *to, float value)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%.9g", (double)value);
    snas_text_add(to, "%s%sf", digits, strpbrk(digits, ".e") == NULL ? ".0" : "");
}

void c_add_string(snas_text *to, const char *string)
{
    snas_text_add(to, "\"");
    for (const unsigned char *c = (const unsigned char *)string; *c != 0; c++) {
        const bool plain = *c >= ' ' && *c <= '~' && strchr("\"\\?", *c) == NULL; /* ? begins trigraphs */
        snas_text_add(to, plain ? "%c" : "\\%03o", *c);
    }
    snas_text_add(to, "\"");
}

void c_add_comment(snas_text *to, const char *words)
{
    for (const char *c = words; *c != 0; c++) {
        const bool plain = (*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z');
        snas_text_add(to, "%c", plain || strchr(" ._-/", *c) != NULL ? *c : '_');
    }
}

void c_add_array_name(snas_text *to, const char *module, const char *what)
{
    for (const char *c = module; *c != 0; c++) {
        if (*c == '.') {
            snas_text_add(to, "%s", c[1] == '_' ? "" : "_");
        } else {
            snas_text_add(to, "%c", *c);
        }
    }
    snas_text_add(to, "_%s", what);
}

void c_add_floats(snas_text *to, const char *module, const char *what, const float *values, int64_t count)
{
    snas_text_add(to, "static const float ");
    c_add_array_name(to, module, what);
    snas_text_add(to, "[%lld] = {", (long long)count);
    for (int64_t i = 0; i < count; i++) {
        snas_text_add(to, "%s", i % FLOATS_A_LINE == 0 ? "\n    " : " ");
        c_add_float(to, values[i]);
        snas_text_add(to, ",");
    }
    snas_text_add(to, "\n};\n");
}
