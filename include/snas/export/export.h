/* export.h -- a trained network in the form in which another program takes it.
 *
 * Weights of `snas train` are read, their network is made, and a format writes its plain program down: one file and one
 * row of the table a format. Nothing below this room knows of formats. Files are formed in memory and then written,
 * whole or not at all: after a fault in the weights nothing is there that was not there before.
 */
#ifndef SNAS_EXPORT_EXPORT_H
#define SNAS_EXPORT_EXPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "snas/base/arena.h"
#include "snas/config/config.h"
#include "snas/tensor/team.h"

/** The formats, a line each: the kind, and the symbol of the row, which is its name too. */
#define SNAS_EXPORT_FORMATS(ROW)                                                                                       \
    ROW(ONNX, onnx)                                                                                                    \
    ROW(TORCH, torch)                                                                                                  \
    ROW(C, c)

#define SNAS_EXPORT_KIND(KIND, symbol) SNAS_EXPORT_##KIND,
typedef enum { SNAS_EXPORT_FORMATS(SNAS_EXPORT_KIND) SNAS_EXPORT_COUNT } snas_export_format;
#undef SNAS_EXPORT_KIND

extern const char *const snas_export_format_names[SNAS_EXPORT_COUNT];

/** What a format writes, for help: "a module of PyTorch". */
const char *snas_export_brief(snas_export_format format);

/** The ending of its file: ".py". */
const char *snas_export_ending(snas_export_format format);

/** `name` as an identifier of C and Python: what is no letter, digit or _ becomes _; one that would begin with a digit
 *  begins with n. NULL without memory. */
const char *snas_export_identifier(snas_arena *mem, const char *name);

/** Training pictures by which numbers of 8 bits are scaled. */
typedef struct {
    const snas_config *config; /* says the data set */
    int pictures;              /* at least 1; all of them where there are fewer */
    snas_team team;            /* the result is the same for any number of threads */
} snas_export_calibration;

typedef struct {
    const char *weights; /* safetensors of `snas train` */
    const char *out;     /* the file, with the format's ending; replaced */
    snas_export_format format;
    bool fold;          /* batch norms go into the convolutions before them; for formats that keep them otherwise */
    bool probabilities; /* the softmax of the logits comes out; c: has a function of its own */
    const snas_export_calibration *int8; /* c: whole numbers of 8 bits; NULL: single precision */
} snas_export_request;

enum { SNAS_EXPORT_FILES_MAX = 2 };

/** What was written. */
typedef struct {
    const char *files[SNAS_EXPORT_FILES_MAX];
    int file_count;
    int64_t parameters, macs;       /* of the network, a picture; without an auxiliary classifier */
    int64_t flash_bytes, ram_bytes; /* c: of constants, without its code; of the activations' buffer; else 0 */
    int pictures;                   /* that have calibrated numbers of 8 bits; else 0 */
} snas_exported;

/** Write the files of a format. SNAS_E_USAGE when it does not take what is requested, when `out` has another ending, is
 *  a folder or the weights themselves, or when the weights do not say what network they are of; SNAS_E_DATA,
 *  SNAS_E_NUMERIC for faults in them. Results in `mem`. */
SNAS_MUST_CHECK snas_status snas_export(snas_arena *mem, const snas_export_request *request, snas_exported *out);

#endif
