/* run_follow.c -- the times and the sizes of a run's files, and whether they will change. */
#include "snas/loop/run_follow.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder_kind.h"
#include "snas/base/clock.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/loop/run_read.h"

/* Replaced whole at the end of an epoch; when a process begins to take steps, and ends. */
static const char *const FILES[] = {"metrics.jsonl", "STATUS"};
enum { FILE_COUNT = sizeof FILES / sizeof FILES[0] };
_Static_assert(FILE_COUNT == sizeof((snas_run_look *)0)->files / sizeof((snas_run_look *)0)->files[0],
               "a look has every file");

bool snas_run_goes_on(const char *folder)
{
    char word[16] = "";
    const loop_path lock = loop_path_of(folder, "run.lock");
    if (access(lock.text, R_OK) == 0) {
        return snas_run_is_worked_on(folder);
    }
    const int fd = snas_files.open(loop_path_of(folder, "STATUS").text, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    if (fd >= 0) {
        (void)!snas_files.read(fd, word, sizeof word - 1);
        (void)snas_files.close(fd);
    }
    return snas_starts(word, "running");
}

bool snas_run_has_changed(const char *folder, snas_run_look *look)
{
    snas_run_look now = {0};
    for (int i = 0; i < FILE_COUNT; i++) {
        struct stat facts;
        if (stat(loop_path_of(folder, FILES[i]).text, &facts) == 0) {
            now.files[i].inode = (int64_t)facts.st_ino;
            now.files[i].seconds = facts.st_mtim.tv_sec;
            now.files[i].nanoseconds = facts.st_mtim.tv_nsec;
            now.files[i].bytes = facts.st_size;
        }
    }
    const bool changed = memcmp(&now, look, sizeof now) != 0;
    *look = now;
    return changed;
}

double snas_run_epoch_seconds(const char *folder)
{
    double last = 0.0;
    for (int i = 0; i < FILE_COUNT; i++) {
        struct stat facts;
        if (stat(loop_path_of(folder, FILES[i]).text, &facts) == 0) {
            const double time = (double)facts.st_mtim.tv_sec + 1e-9 * (double)facts.st_mtim.tv_nsec;
            last = time > last ? time : last;
        }
    }
    const double seconds = snas_clock_since_1970() - last;
    return last > 0.0 && seconds > 0.0 ? seconds : 0.0;
}
