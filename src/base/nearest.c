/* nearest.c -- the name that was probably meant.
 *
 * Edit distance with transpositions (optimal string alignment), d[i][j] between the first i letters of a and j of b:
 *
 *      d[i][j] = min(d[i-1][j] + 1, d[i][j-1] + 1, d[i-1][j-1] + [a_i != b_j], d[i-2][j-2] + 1 if a swap fits)
 */
#include <stdlib.h>
#include <string.h>

#include "snas/base/text.h"

enum { WORD_MAX = 64 }; /* longer words are nobody's typing error */

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

static int distance(const char *a, int m, const char *b, int n)
{
    int d[3][WORD_MAX + 1]; /* rows i, i-1, i-2 of the table, by i mod 3 */
    for (int j = 0; j <= n; j++) {
        d[0][j] = j;
    }
    for (int i = 1; i <= m; i++) {
        int *row = d[i % 3];
        const int *above = d[(i + 2) % 3], *above2 = d[(i + 1) % 3];
        row[0] = i;
        for (int j = 1; j <= n; j++) {
            row[j] = smaller(smaller(above[j], row[j - 1]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = smaller(row[j], above2[j - 2] + 1);
            }
        }
    }
    return d[m % 3][n];
}

const char *snas_nearest(const char *word, const char *(*name_at)(const void *context, int i), const void *context,
                         int count)
{
    const size_t m = strlen(word);
    const char *best = NULL;
    int best_distance = WORD_MAX + 1;
    for (int i = 0; m <= WORD_MAX && i < count; i++) {
        const char *name = name_at(context, i);
        const size_t n = strlen(name);
        if (n > WORD_MAX) {
            continue;
        }
        const int d = distance(word, (int)m, name, (int)n);
        if (3 * d <= (int)(m > n ? m : n) && d < best_distance) {
            best = name;
            best_distance = d;
        }
    }
    return best;
}

void snas_text_add_allowed(snas_text *text, const char *word, const char *(*name_at)(const void *context, int i),
                           const void *context, int count)
{
    const char *near = snas_nearest(word, name_at, context, count);
    if (near != NULL) {
        snas_text_add(text, "; did you mean '%s'? allowed", near);
    } else {
        snas_text_add(text, ", allowed");
    }
    for (int i = 0; i < count; i++) {
        snas_text_add(text, "%s '%s'", i == 0 ? "" : ",", name_at(context, i));
    }
}
