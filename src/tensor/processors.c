/* processors.c -- how many processors there are for this process: its affinity mask, and its control groups' quota. */
#define _GNU_SOURCE /* sched_getaffinity, CPU_COUNT */

#include "processors.h"

#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snas/base/file.h"
#include "snas/tensor/team.h"

/* Processors in the affinity mask, however many the machine has; 1 when it cannot be told. */
static int affinity_count(void)
{
    for (size_t processors = 1024; processors <= (size_t)1 << 20; processors *= 4) {
        cpu_set_t *set = CPU_ALLOC(processors);
        if (set == NULL) {
            return 1;
        }
        const size_t size = CPU_ALLOC_SIZE(processors);
        const bool known = sched_getaffinity(0, size, set) == 0;
        const int count = known ? CPU_COUNT_S(size, set) : 0;
        CPU_FREE(set);
        if (known) {
            return count > 1 ? count : 1;
        }
    }
    return 1;
}

/* Up to capacity - 1 bytes of a small file as text; false when it cannot be read. */
static bool read_small(const char *path, char *to, size_t capacity)
{
    const int fd = snas_files.open(path, O_RDONLY, 0);
    if (fd < 0) {
        return false;
    }
    const ssize_t n = snas_files.read(fd, to, capacity - 1);
    (void)snas_files.close(fd);
    to[n > 0 ? n : 0] = '\0';
    return n > 0;
}

int tensor_quota_parse(const char *cpu_max)
{
    /* "200000 100000": microseconds of processor time a period; "max 100000": no limit. */
    char *end;
    const long long quota = strtoll(cpu_max, &end, 10);
    if (end == cpu_max || quota <= 0) {
        return 0;
    }
    const char *second = end;
    const long long period = strtoll(second, &end, 10);
    if (end == second || period <= 0) {
        return 0;
    }
    const long long count = quota / period + (quota % period != 0);
    return count > 1 << 20 ? 0 : (int)count;
}

/* The smallest quota of this process's control group and its parents, in processors; 0 when there is none. */
static int quota_count(void)
{
    char groups[4096], path[4096 + 64], limit[64];
    if (!read_small("/proc/self/cgroup", groups, sizeof groups)) {
        return 0;
    }
    char *group = strstr(groups, "0::");
    if (group == NULL) {
        return 0;
    }
    group += 3;
    group[strcspn(group, "\n")] = '\0';
    int least = 0;
    for (;;) {
        snprintf(path, sizeof path, "/sys/fs/cgroup%s/cpu.max", group);
        const int count = read_small(path, limit, sizeof limit) ? tensor_quota_parse(limit) : 0;
        if (count > 0 && (least == 0 || count < least)) {
            least = count;
        }
        char *slash = strrchr(group, '/');
        if (slash == NULL) {
            return least;
        }
        *slash = '\0'; /* up to the parent; the root is "" */
    }
}

int snas_processor_count(void)
{
    const int allowed = affinity_count(), quota = quota_count();
    return quota > 0 && quota < allowed ? quota : allowed;
}
