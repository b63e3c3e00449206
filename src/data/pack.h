/* pack.h -- the names in a packed data set that its writer and its reader share. Private to the room. */
#ifndef SNAS_DATA_PACK_H
#define SNAS_DATA_PACK_H

#define DATA_PACK_KEY "snas.pack" /* of the metadata */
enum { DATA_PACK_VERSION = 1 };

/** The two parts, and the tensors of each. */
enum { DATA_PACK_PARTS = 2, DATA_PACK_TENSORS = 3 };
enum { DATA_PACK_PIXELS, DATA_PACK_LABELS, DATA_PACK_SHAPES };
extern const char *const data_pack_names[DATA_PACK_PARTS][DATA_PACK_TENSORS];

#endif
