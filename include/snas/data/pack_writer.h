/* pack_writer.h -- a data set into one file of decoded pictures, which the data set `packed` reads.
 *
 * The file is a safetensors file (docs/formats.md). Pictures are either all squares of one side, or photographs of any
 * size one after the other. They are written as they come: of a part only labels and sizes are held.
 */
#ifndef SNAS_DATA_PACK_WRITER_H
#define SNAS_DATA_PACK_WRITER_H

#include "snas/data/dataset.h"

/** What becomes of a picture on its way into the file. */
typedef struct {
    int side;    /* above 0: the shorter side is resized to it and the middle square is kept */
    int shorter; /* above 0: a shorter side above it is resized to it; smaller pictures stay */
} snas_pack_fit;

/** A picture as the file shall have it. out->pixels are the picture's own or in scratch. SNAS_E_MEMORY. */
SNAS_MUST_CHECK snas_status snas_pack_fitted(const snas_pack_fit *fit, const snas_picture *picture, snas_arena *scratch,
                                             snas_picture *out);

/** Side of all pictures of the set when they are equal squares, 0 when they are photographs. */
int snas_pack_side(const snas_pack_fit *fit, const snas_pictures *pictures);

typedef struct snas_pack_writer snas_pack_writer;

/** Begin to replace `path`: classes, mean, deviation and source are the data set's, which must outlive the writer. What
 *  is not finished when the arena goes is removed. SNAS_E_DATA when the classes' names have more than 1 MiB. */
SNAS_MUST_CHECK snas_status snas_pack_begin(snas_arena *mem, const char *path, const snas_dataset *dataset,
                                            const snas_pack_fit *fit, snas_pack_writer **out);

/** Another picture of the part at hand: the training part, then the test's. At most as many as the data set has. */
SNAS_MUST_CHECK snas_status snas_pack_add(snas_pack_writer *writer, int label, const snas_picture *picture);

/** The part at hand is whole. */
SNAS_MUST_CHECK snas_status snas_pack_close_part(snas_pack_writer *writer);

/** Both parts are whole: put the file in its place. *bytes: of the file. */
SNAS_MUST_CHECK snas_status snas_pack_finish(snas_pack_writer *writer, int64_t *bytes);

#endif
