/* unsaved.h -- tensor files of a run folder that could not be written, kept until they can be.
 *
 * A copy lives in memory from the write that failed to the one that succeeds, and goes into every checkpoint in
 * between, as tensors and metadata under "unsaved.<file, without .safetensors>.": so neither later steps nor a killed
 * process lose it.
 */
#ifndef SNAS_LOOP_UNSAVED_H
#define SNAS_LOOP_UNSAVED_H

#include "snas/format/safetensors.h"

enum { SNAS_UNSAVED_MAX = 8 };

/** One file: its name, without folder and ".safetensors", and what it is to hold. All of it in `mem`, its own arena. */
typedef struct {
    const char *name;
    snas_tensor_file file;
    snas_arena *mem;
} snas_unsaved_file;

/** Starts as {0}. */
typedef struct {
    snas_unsaved_file files[SNAS_UNSAVED_MAX];
    int count;
} snas_unsaved;

/** Replace `folder`/`name`.safetensors (a name of small letters and '-'); what was kept for it is dropped. SNAS_E_IO
 *  when it cannot be written: then a copy is kept. Any other fault: none is. `mem` is scratch. */
SNAS_MUST_CHECK snas_status snas_unsaved_write(snas_arena *mem, snas_unsaved *unsaved, const char *folder,
                                               const char *name, const snas_tensor_file *file);

/** Try to write all that is kept; what succeeds is dropped. The first fault. `mem` is scratch. */
SNAS_MUST_CHECK snas_status snas_unsaved_retry(snas_arena *mem, snas_unsaved *unsaved, const char *folder);

/** All of it as the tensors and metadata of a checkpoint: names in `mem`, numbers where they are. A file whose texts
 *  (the names of very many classes) would crowd the checkpoint's header is left out. */
SNAS_MUST_CHECK snas_status snas_unsaved_pack(snas_arena *mem, const snas_unsaved *unsaved, snas_tensor_file *out);

/** Keep what a checkpoint holds of it. SNAS_E_IO with a sentence on a name that no run has written. `mem` is scratch.
 */
SNAS_MUST_CHECK snas_status snas_unsaved_unpack(snas_arena *mem, snas_unsaved *unsaved,
                                                const snas_tensor_file *checkpoint);

/** Release all memory. */
void snas_unsaved_drop(snas_unsaved *unsaved);

#endif
