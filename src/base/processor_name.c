/* processor_name.c -- what the system calls the processor: "model name" of /proc/cpuinfo. */
#include <string.h>

#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/base/usage.h"

const char *snas_processor_name(snas_arena *mem)
{
    snas_bytes text;
    if (snas_file_read(mem, "/proc/cpuinfo", (size_t)1 << 24, &text) != SNAS_OK) {
        snas_error_clear();
        return "";
    }
    const char *line = strstr(text.data, "model name");
    const char *colon = line == NULL ? NULL : strchr(line, ':');
    if (colon == NULL) {
        return "";
    }
    colon += 1 + strspn(colon + 1, " \t");
    const char *name = snas_format(mem, "%.*s", (int)strcspn(colon, "\n"), colon);
    return name == NULL ? "" : name;
}
