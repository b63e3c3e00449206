/* product_file.c -- where a file lies that comes with the program: the first of a few folders that has it. */
#include "snas/base/product_file.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "snas/base/file.h"
#include "snas/base/text.h"

/* Where the build was told to install what comes with the program (CMakeLists.txt). */
#ifndef SNAS_SHARE
#define SNAS_SHARE "/usr/local/share/snas"
#endif
static const char OF_PACKAGES[] = "/usr/share/snas";

/* The folder of the program; "." where the system does not tell. */
static const char *program_folder(snas_arena *mem)
{
    char path[PATH_MAX];
    const ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
    path[size > 0 ? size : 0] = 0;
    char *slash = strrchr(path, '/');
    if (slash == NULL) {
        return ".";
    }
    *slash = 0;
    return snas_format(mem, "%s", path);
}

snas_status snas_product_file(snas_arena *mem, const char *name, const char **out)
{
    const char *variable = getenv("SNAS_DATA"), *here = program_folder(mem);
    SNAS_TRY(snas_taken(here));
    const bool set = variable != NULL && variable[0] != 0;
    const struct {
        const char *folder, *below;
    } places[] = {{set ? variable : NULL, ""}, {"data", ""},     {here, "/share/snas"},
                  {here, "/../share/snas"},    {SNAS_SHARE, ""}, {OF_PACKAGES, ""}};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (places[i].folder == NULL) {
            continue;
        }
        *out = snas_format(mem, "%s%s/%s", places[i].folder, places[i].below, name);
        SNAS_TRY(snas_taken(*out));
        if (snas_file_is(*out)) {
            return SNAS_OK;
        }
    }
    return snas_fail(
        SNAS_E_DATA,
        "no file '%s': looked in $SNAS_DATA, which is %s%s%s, in 'data', in share/snas beside the program and "
        "its folder, in '%s' and in '%s'",
        name, set ? "'" : "", set ? variable : "not set", set ? "'" : "", SNAS_SHARE, OF_PACKAGES);
}
