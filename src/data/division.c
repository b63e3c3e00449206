/* division.c -- how the pictures of a folder of classes were divided, as a text that weights and genotypes carry.
 *
 *     split_seed 1, test_share 0.2 of the pictures 8f1d2c3b
 *
 * The digits change with the classes and names of all pictures, and not with the division.
 */
#include <inttypes.h>
#include <string.h>

#include "parts.h"
#include "snas/base/text.h"

static const char JOINT[] = " of the pictures ";

const char *data_division_format(snas_arena *mem, const snas_photo_options *options, uint32_t pictures)
{
    return snas_format(mem, "split_seed %" PRIu64 ", test_share %.15g%s%08" PRIx32, options->split_seed,
                       options->test_share, JOINT, pictures);
}

int snas_division_rule(const char *division)
{
    const char *joint = strstr(division, JOINT);
    return (int)(joint == NULL ? strlen(division) : (size_t)(joint - division));
}

snas_division_kinship snas_division_compare(const char *then, const char *now)
{
    if (then == NULL || now == NULL) {
        return SNAS_DIVISION_UNKNOWN;
    }
    const int a = snas_division_rule(then), b = snas_division_rule(now);
    if (strcmp(then + a, now + b) != 0) {
        return SNAS_DIVISION_OF_OTHERS;
    }
    return a == b && strncmp(then, now, (size_t)a) == 0 ? SNAS_DIVISION_SAME : SNAS_DIVISION_ANOTHER;
}
