/* style.h -- the style sheet of a page: page.css, which the build puts into the program (src/embed.cmake). */
#ifndef SNAS_PAGE_STYLE_H
#define SNAS_PAGE_STYLE_H

#include <stddef.h>

extern const unsigned char page_style[];
extern const size_t page_style_size;

#endif
