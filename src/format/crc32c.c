/* crc32c.c -- CRC-32C (Castagnoli), eight bytes a step by tables.
 *
 * The reflected polynomial 0x82F63B78. table[k][b] is the remainder of byte b followed by k zero bytes, so eight bytes
 * are eight independent look-ups and seven xors (slicing by eight).
 */
#include <pthread.h>
#include <string.h>

#include "snas/format/safetensors.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "slices are read as little-endian words");

static uint32_t table[8][256];
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

static void table_make(void)
{
    for (uint32_t b = 0; b < 256; b++) {
        uint32_t r = b;
        for (int bit = 0; bit < 8; bit++) {
            r = r >> 1 ^ (r & 1 ? 0x82F63B78u : 0);
        }
        table[0][b] = r;
    }
    for (int k = 1; k < 8; k++) {
        for (int b = 0; b < 256; b++) {
            const uint32_t r = table[k - 1][b];
            table[k][b] = r >> 8 ^ table[0][r & 255];
        }
    }
}

uint32_t snas_crc32c(uint32_t crc, const void *data, size_t size)
{
    pthread_once(&table_once, table_make);
    const unsigned char *at = data;
    uint32_t r = ~crc;
    for (; size >= 8; size -= 8, at += 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        word ^= r;
        r = 0;
        for (int k = 0; k < 8; k++) {
            r ^= table[7 - k][word >> 8 * k & 255];
        }
    }
    for (; size > 0; size--, at++) {
        r = r >> 8 ^ table[0][(r ^ *at) & 255];
    }
    return ~r;
}
