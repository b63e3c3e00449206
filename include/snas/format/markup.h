/* markup.h -- elements, attributes and text written one after the other: XML, SVG and HTML.
 *
 *     snas_markup m = snas_markup_make(&text, "fig1-");
 *     snas_markup_start(&m, "text");
 *     snas_markup_number(&m, "x", 12.5);
 *     snas_markup_text(&m, "a < b");
 *     snas_markup_end(&m);                      gives  <text x="12.5">a &lt; b</text>
 *
 * What is written is well-formed XML and is read the same as HTML: elements that HTML or SVG know as empty close
 * themselves (<br/>, <path/>), all others have an end tag. Names are literals of the program, values may be any bytes:
 * they are escaped, and what XML forbids becomes U+FFFD. Memory runs out as in snas_text: the text says so at its end.
 */
#ifndef SNAS_FORMAT_MARKUP_H
#define SNAS_FORMAT_MARKUP_H

#include "snas/base/text.h"

enum { SNAS_MARKUP_DEPTH_MAX = 32 };

/** A writer. Its fields are private. */
typedef struct {
    snas_text *to;      /* borrowed */
    const char *prefix; /* of every id, borrowed */
    const char *open[SNAS_MARKUP_DEPTH_MAX];
    int depth;
    bool in_tag; /* the start tag of the innermost element still takes attributes */
} snas_markup;

/** Write to the end of `to`. `prefix` goes before every id, so that ids of several pictures in a page differ. */
snas_markup snas_markup_make(snas_text *to, const char *prefix);

/** Begin an element within the innermost open one; borrowed until its end. */
void snas_markup_start(snas_markup *m, const char *name);

/** An attribute of the element that was just begun. */
void snas_markup_attribute(snas_markup *m, const char *name, const char *value);

/** The same with a printf-formed value. */
void snas_markup_form(snas_markup *m, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));

/** The same with a number, as snas_markup_add_number writes it. */
void snas_markup_number(snas_markup *m, const char *name, double value);

/** id="<prefix><name>" */
void snas_markup_id(snas_markup *m, const char *name);

/** An attribute that points to an id of the same writer: href gets "#<prefix><name>", any other
 *  "url(#<prefix><name>)". */
void snas_markup_reference(snas_markup *m, const char *attribute, const char *name);

/** Text within the innermost open element. */
void snas_markup_text(snas_markup *m, const char *string);

/** Text that is markup already, or the rules of a style sheet: nothing is escaped. */
void snas_markup_raw(snas_markup *m, const char *markup);

/** End the innermost open element. */
void snas_markup_end(snas_markup *m);

/** An element that holds one text. */
void snas_markup_element(snas_markup *m, const char *name, const char *text);

/** A number with at most two digits after the point and no zeros at its end, the same in every locale: 3, -0.5, 12.25.
 *  For coordinates: |value| < 1e15, finite. */
void snas_markup_add_number(snas_text *to, double value);

/** The text escaped, as in an attribute or between two tags. */
void snas_markup_add_escaped(snas_text *to, const char *string);

#endif
