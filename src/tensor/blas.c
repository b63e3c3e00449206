/* blas.c -- OpenBLAS, loaded when the first product is wanted: most runs want none.
 *
 * Its constructor starts threads, and each of them, and each product that runs, takes a buffer of 128 MiB of address
 * space. Where that is not to be had it asks again and again, for ever: nothing that follows would run, not even the
 * program's end. So it is loaded by hand. Before that, the environment tells it to start no threads, in all three
 * flavours that Debian has (serial, pthread, OpenMP: the machine decides), and the system is asked whether there is
 * room. After it, the buffers are taken once, so that they stay even when memory becomes short.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "blas.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "snas/tensor/gemm.h"

enum { MIB = 1024 * 1024, LIBRARY_MIB = 64, BUFFER_MIB = 128 };

enum { FLAVOUR_SERIAL, FLAVOUR_PTHREAD, FLAVOUR_OPENMP };

static const char *const FLAVOUR_NAMES[] = {"serial", "pthread", "OpenMP"};

tensor_blas_functions tensor_blas;

/* --- loading ------------------------------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    void *to; /* the function's pointer */
    bool optional;
} functions[] = {
    {"cblas_sgemm", &tensor_blas.sgemm, false},
    {"cblas_dgemm", &tensor_blas.dgemm, false},
    {"openblas_get_parallel", &tensor_blas.get_parallel, false},
    {"openblas_get_config", &tensor_blas.get_config, false},
    {"openblas_get_corename", &tensor_blas.get_corename, false},
    {"blas_memory_alloc", &tensor_blas.memory_alloc, true},
    {"blas_memory_free", &tensor_blas.memory_free, true},
};

static bool is_loaded;

/* Would the system give `count` blocks of so many MiB now? Each holds the address of the one before. */
static bool is_room_for(int count, int block_mib)
{
    const size_t bytes = (size_t)block_mib * MIB;
    void **newest = NULL;
    int had = 0;
    for (; had < count; had++) {
        void **block = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (block == MAP_FAILED) {
            break;
        }
        *block = newest;
        newest = block;
    }
    while (newest != NULL) {
        void **older = *newest;
        (void)munmap(newest, bytes);
        newest = older;
    }
    return had == count;
}

static snas_status find_functions(void *library)
{
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        void *found = dlsym(library, functions[i].name);
        if (found == NULL && !functions[i].optional) {
            return snas_fail(SNAS_E_FAILED, "the library '%s' is no OpenBLAS: it has no %s", SNAS_OPENBLAS,
                             functions[i].name);
        }
        memcpy(functions[i].to, &found, sizeof found);
    }
    return SNAS_OK;
}

snas_status snas_blas_load(void)
{
    if (is_loaded) {
        return SNAS_OK;
    }
    if (!is_room_for(1, LIBRARY_MIB)) {
        return snas_fail(SNAS_E_MEMORY,
                         "out of memory: no %d MiB of address space to load OpenBLAS, which the plain "
                         "kernels need",
                         LIBRARY_MIB);
    }
    (void)setenv("OPENBLAS_NUM_THREADS", "1", 1);
    (void)setenv("OMP_NUM_THREADS", "1", 1);
    void *library = dlopen(SNAS_OPENBLAS, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        return snas_fail(SNAS_E_FAILED, "OpenBLAS, which the plain kernels need, cannot be loaded: %s", dlerror());
    }
    SNAS_TRY(find_functions(library));
    is_loaded = true;
    return SNAS_OK;
}

/* --- buffers ------------------------------------------------------------------------------------------------------ */

static int buffers; /* that it has */

/* Have it make `count` buffers, which it keeps: it gives back none. */
static void make_buffers(int count)
{
    void **newest = NULL;
    for (int i = 0; i < count; i++) {
        void **buffer = tensor_blas.memory_alloc(0);
        *buffer = newest;
        newest = buffer;
    }
    while (newest != NULL) {
        void **older = *newest;
        tensor_blas.memory_free(newest);
        newest = older;
    }
}

snas_status tensor_blas_prepare(int threads)
{
    SNAS_TRY(snas_blas_load());
    if (threads <= buffers) {
        return SNAS_OK;
    }
    if (!is_room_for(threads - buffers, BUFFER_MIB)) {
        return snas_fail(SNAS_E_MEMORY,
                         "out of memory: the plain kernels take %d MiB of address space a thread, for OpenBLAS, and "
                         "there is no room for %d thread%s",
                         BUFFER_MIB, threads, threads == 1 ? "" : "s");
    }
    if (tensor_blas.memory_alloc != NULL && tensor_blas.memory_free != NULL) {
        make_buffers(threads);
    }
    buffers = threads;
    return SNAS_OK;
}

/* --- what it is --------------------------------------------------------------------------------------------------- */

static int flavour(void)
{
    const int parallel = tensor_blas.get_parallel();
    return parallel < 0 || parallel > FLAVOUR_OPENMP ? FLAVOUR_SERIAL : parallel;
}

bool tensor_blas_is_serial(void)
{
    return flavour() == FLAVOUR_SERIAL;
}

const char *snas_blas_description(void)
{
    static char text[128];
    if (!is_loaded) {
        return "not used";
    }
    /* openblas_get_config: "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY Cooperlake MAX_THREADS=64" */
    char name[16] = "OpenBLAS", version[24] = "";
    if (sscanf(tensor_blas.get_config(), "%15s %23s", name, version) != 2) {
        version[0] = '\0';
    }
    snprintf(text, sizeof text, "%s %s, %s, %s", name, version, FLAVOUR_NAMES[flavour()], tensor_blas.get_corename());
    return text;
}
