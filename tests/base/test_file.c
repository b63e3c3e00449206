/* test_file.c -- a file is replaced whole or not at all, whichever system call fails. */
#define _DEFAULT_SOURCE /* usleep */

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena_fixture.h"
#include "check.h"
#include "faults.h"
#include "scratch.h"
#include "snas/base/file.h"

static const char *content(const char *path)
{
    snas_bytes bytes;
    assert_ok(snas_file_read(mem, path, 1 << 20, &bytes));
    assert_int_equal(strlen(bytes.data), bytes.size);
    return bytes.data;
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    const char *path = scratch_path("a");
    const snas_bytes parts[] = {{"one ", 4}, {NULL, 0}, {"two", 3}};
    assert_ok(snas_file_replace(path, parts, 3));
    assert_string_equal(content(path), "one two");
    assert_int_equal(snas_file_size(path), 7);
    assert_ok(snas_file_replace_text(path, ""));
    assert_string_equal(content(path), "");
    assert_ok(snas_file_append(path, "x"));
    assert_ok(snas_file_append(path, "yz"));
    assert_string_equal(content(path), "xyz");
    assert_ok(snas_file_cut(path, 1));
    assert_string_equal(content(path), "x");
    assert_ok(snas_file_remove(path));
    assert_ok(snas_file_remove(path));
    assert_false(snas_file_is(path));
    assert_int_equal(snas_file_size(path), -1);
    assert_ok(snas_file_cut(path, 0));
    assert_fails(snas_file_cut(path, 1), SNAS_E_IO, "No such file");
}

static void a_file_above_the_limit_is_refused(void **state)
{
    (void)state;
    snas_bytes bytes;
    const char *path = scratch_path("limit");
    assert_ok(snas_file_replace_text(path, "12345"));
    assert_ok(snas_file_read(mem, path, 5, &bytes));
    assert_fails(snas_file_read(mem, path, 4, &bytes), SNAS_E_IO, "allowed 4 bytes");
    assert_fails(snas_file_read(mem, "/proc/self/maps", 20, &bytes), SNAS_E_IO, "allowed 20 bytes"); /* size 0 */
    assert_ok(snas_file_read(mem, "/proc/self/status", 1 << 20, &bytes));
    assert_ok(snas_file_remove(path));
}

static void a_message_names_the_path_and_the_reason(void **state)
{
    (void)state;
    snas_bytes bytes;
    assert_fails(snas_file_read(mem, "no/such\nfile", 1, &bytes), SNAS_E_IO, "cannot open 'no/such\\x0afile': No such");
    assert_fails(snas_file_read(mem, scratch_path(""), 1, &bytes), SNAS_E_IO, "is a folder, where a file is wanted");
    assert_fails(snas_file_replace_text(scratch_path(""), "x"), SNAS_E_IO, "Is a directory");
    assert_fails(snas_file_replace_text(scratch_path("no/such"), "x"), SNAS_E_IO, "No such file");
}

static void only_regular_files_are_read_and_none_is_waited_for(void **state)
{
    (void)state;
    snas_bytes bytes;
    snas_held *held;
    const char *pipe = scratch_path("pipe"), *link = scratch_path("link"), *name = scratch_path("socket");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_int_equal(symlink(pipe, link), 0);
    strncpy(address.sun_path, name, sizeof address.sun_path - 1);
    const int socket_fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(socket_fd, (const struct sockaddr *)&address, sizeof address), 0);
    assert_fails(snas_file_read(mem, pipe, 10, &bytes), SNAS_E_IO, "pipe' is a named pipe, where a file is wanted");
    assert_fails(snas_file_read(mem, link, 10, &bytes), SNAS_E_IO, "link' is a named pipe, where a file is wanted");
    assert_fails(snas_file_read(mem, name, 10, &bytes), SNAS_E_IO, "socket' is a socket, where a file is wanted");
    assert_fails(snas_file_read(mem, "/dev/zero", 10, &bytes), SNAS_E_IO, "'/dev/zero' is a character device, where");
    assert_fails(snas_held_open(mem, pipe, &held), SNAS_E_IO, "pipe' is a named pipe, where a file is wanted");
    close(socket_fd);
    assert_ok(snas_file_remove(pipe));
    assert_ok(snas_file_remove(link));
    assert_ok(snas_file_remove(name));
}

/* A child that begins to replace `path` and is killed; with `lives` it is left waiting, until its end of the pipe
 * breaks. */
static pid_t begin_elsewhere(const char *path, bool lives, int *end)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        snas_draft draft;
        char byte = snas_draft_open(&draft, path) == SNAS_OK ? 'y' : 'n';
        close(ends[0]);
        (void)!write(ends[1], &byte, 1);
        while (lives && getppid() != 1) {
            usleep(10000);
        }
        _exit(0);
    }
    char said = 0;
    close(ends[1]);
    assert_int_equal(read(ends[0], &said, 1), 1);
    assert_int_equal(said, 'y');
    *end = ends[0];
    if (!lives) {
        assert_int_equal(waitpid(child, NULL, 0), child);
    }
    return child;
}

static void a_dead_writers_temporary_file_goes_with_the_next_writing(void **state)
{
    (void)state;
    const char *path = scratch_path("swept"), *other = scratch_path("swept.other");
    int ends[3];
    const int before = scratch_count();
    const pid_t alive = begin_elsewhere(path, true, &ends[0]);
    (void)begin_elsewhere(path, false, &ends[1]);
    (void)begin_elsewhere(other, false, &ends[2]);
    assert_ok(snas_file_replace_text(scratch_path(".swept.1.tmp"), "not of this form"));
    assert_int_equal(scratch_count(), before + 4);
    assert_ok(snas_file_replace_text(path, "new"));
    assert_int_equal(scratch_count(), before + 4); /* one went, and `path` came */
    assert_int_equal(kill(alive, SIGKILL), 0);
    assert_int_equal(waitpid(alive, NULL, 0), alive);
    assert_ok(snas_file_replace_text(path, "again"));
    assert_int_equal(scratch_count(), before + 3);
    assert_ok(snas_file_replace_text(other, ""));
    assert_int_equal(scratch_count(), before + 3);
    assert_ok(snas_file_remove(other));
    assert_ok(snas_file_remove(path));
    assert_ok(snas_file_remove(scratch_path(".swept.1.tmp")));
    for (int i = 0; i < 3; i++) {
        close(ends[i]);
    }
    assert_int_equal(scratch_count(), before);
}

static void folders_are_made_with_their_parents(void **state)
{
    (void)state;
    assert_ok(snas_folder_make(scratch_path("x/y//z/")));
    assert_ok(snas_folder_make(scratch_path("x/y/z")));
    assert_true(snas_folder_is(scratch_path("x/y/z")) && !snas_file_is(scratch_path("x")));
    assert_ok(snas_file_replace_text(scratch_path("x/file"), ""));
    assert_fails(snas_folder_make(scratch_path("x/file/w")), SNAS_E_IO, "x/file");
}

enum { TEXT_BYTES = 3000 };

/* A failing call leaves the old file or, once it is renamed, the new one, and no other file; the caller is told. */
static void check_replacement(int reason, bool forever)
{
    char old[TEXT_BYTES + 1], new[TEXT_BYTES + 1];
    memset(old, 'o', TEXT_BYTES);
    memset(new, 'n', TEXT_BYTES);
    old[TEXT_BYTES] = new[TEXT_BYTES] = '\0';
    const char *path = scratch_path("state");
    int n = 0;
    for (bool reached = true; reached; n++) {
        assert_ok(snas_file_replace_text(path, old));
        const int files = scratch_count();
        faults_in_files(n, reason, forever);
        const snas_status status = snas_file_replace_text(path, new);
        reached = faults_calls() > n;
        faults_clear();
        assert_int_equal(faults_open_files(), 0);
        const char *found = content(path);
        assert_true(strcmp(found, old) == 0 || strcmp(found, new) == 0);
        if (status == SNAS_OK) {
            assert_string_equal(found, new);
        } else {
            assert_int_equal(status, SNAS_E_IO);
            assert_non_null(strstr(snas_error(), strerror(reason)));
        }
        /* Where removing itself fails a temporary file may stay; it has its own name. */
        assert_true(scratch_count() == files || (forever && status != SNAS_OK && scratch_count() == files + 1));
        if (!reached) {
            assert_ok(status);
        }
    }
    assert_true(n >= 8); /* open, open, write, sync, close, rename, sync, close; and the run that meets no fault */
}

static void every_failing_call_leaves_a_whole_file(void **state)
{
    (void)state;
    static const int REASONS[] = {EIO, ENOSPC, EDQUOT, EROFS};
    for (size_t i = 0; i < sizeof REASONS / sizeof REASONS[0]; i++) {
        check_replacement(REASONS[i], false);
    }
}

static void every_call_that_keeps_failing_leaves_a_whole_file(void **state)
{
    (void)state;
    check_replacement(ENOSPC, true);
}

static void the_old_file_survives_every_fault_before_the_rename(void **state)
{
    (void)state;
    const char *path = scratch_path("survivor");
    for (int n = 0; n < 6; n++) { /* open, open, write, sync, close, rename */
        assert_ok(snas_file_replace_text(path, "old"));
        faults_in_files(n, EIO, false);
        assert_fails(snas_file_replace_text(path, "new"), SNAS_E_IO, "Input/output error");
        faults_clear();
        assert_string_equal(content(path), "old");
    }
}

static void a_folder_that_cannot_be_synced_is_told(void **state)
{
    (void)state;
    const char *path = scratch_path("synced");
    faults_in_files(6, EIO, false); /* the call after the rename */
    assert_fails(snas_file_replace_text(path, "new"), SNAS_E_IO, "cannot sync the folder of");
    faults_in_files(6, EINVAL, false); /* a file system without such a sync */
    assert_ok(snas_file_replace_text(path, "newer"));
    faults_clear();
    assert_string_equal(content(path), "newer");
}

static void interrupted_and_short_calls_are_taken_up_again(void **state)
{
    (void)state;
    const char *path = scratch_path("again");
    char text[TEXT_BYTES + 1];
    memset(text, 't', TEXT_BYTES);
    text[TEXT_BYTES] = '\0';
    for (int n = 0; n < 10; n++) {
        for (int reason = 0; reason <= EINTR; reason += EINTR) {
            const bool is_rename = n == 5 && reason == EINTR; /* rename is never interrupted */
            faults_in_files(n, reason, false);
            const snas_status status = snas_file_replace_text(path, text);
            faults_clear();
            assert_true(status == SNAS_OK || is_rename);
            faults_in_files(n, reason, false);
            assert_string_equal(content(path), text);
            faults_clear();
        }
    }
    faults_in_files(0, 0, true); /* one byte a call, always */
    assert_ok(snas_file_replace_text(path, text));
    assert_string_equal(content(path), text);
    faults_clear();
}

static void failing_reads_and_appends_are_told(void **state)
{
    (void)state;
    const char *path = scratch_path("told");
    snas_bytes bytes;
    assert_ok(snas_file_replace_text(path, "abc"));
    for (int n = 0; n < 2; n++) { /* open, read */
        faults_in_files(n, EIO, false);
        assert_fails(snas_file_read(mem, path, 100, &bytes), SNAS_E_IO, "Input/output error");
        faults_clear();
    }
    for (int n = 0; n < 3; n++) { /* open, write, close */
        faults_in_files(n, ENOSPC, false);
        assert_fails(snas_file_append(path, "d"), SNAS_E_IO, "No space left");
        faults_clear();
    }
    faults_in_files(0, EACCES, true);
    assert_fails(snas_file_remove(path), SNAS_E_IO, "cannot remove");
    assert_fails(snas_file_cut(path, 0), SNAS_E_IO, "cannot cut");
    assert_fails(snas_folder_make(scratch_path("denied")), SNAS_E_IO, "denied': Permission");
    faults_clear();
    assert_int_equal(faults_open_files(), 0);
}

/* --- in pieces ---------------------------------------------------------------------------------------------------- */

static snas_status write_pieces(const char *path)
{
    snas_draft draft;
    SNAS_TRY(snas_draft_open(&draft, path));
    const struct {
        const char *text;
        int64_t at; /* -1: after what is there */
    } pieces[] = {{"....", -1}, {"two", -1}, {"one ", 0}, {"s", -1}};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        const char *text = pieces[i].text;
        const snas_status status = pieces[i].at < 0 ? snas_draft_write(&draft, text, strlen(text))
                                                    : snas_draft_write_at(&draft, pieces[i].at, text, strlen(text));
        if (status != SNAS_OK) {
            snas_draft_discard(&draft);
            return status;
        }
    }
    return snas_draft_commit(&draft);
}

static void a_draft_shows_itself_only_when_it_is_whole(void **state)
{
    (void)state;
    const char *path = scratch_path("draft");
    snas_draft draft;
    assert_ok(snas_file_replace_text(path, "old"));
    const int files = scratch_count();
    assert_ok(snas_draft_open(&draft, path));
    assert_ok(snas_draft_write(&draft, "new", 3));
    assert_string_equal(content(path), "old");
    assert_int_equal(scratch_count(), files + 1);
    snas_draft_discard(&draft);
    snas_draft_discard(&draft);
    assert_int_equal(scratch_count(), files);
    assert_string_equal(content(path), "old");
    assert_ok(write_pieces(path));
    assert_string_equal(content(path), "one twos");
    assert_int_equal(scratch_count(), files);
}

static void every_failing_call_of_a_draft_leaves_a_whole_file(void **state)
{
    (void)state;
    const char *path = scratch_path("pieces");
    int n = 0;
    for (bool reached = true; reached; n++) {
        assert_ok(snas_file_replace_text(path, "old"));
        const int files = scratch_count();
        faults_in_files(n, ENOSPC, false);
        const snas_status status = write_pieces(path);
        reached = faults_calls() > n;
        faults_clear();
        assert_int_equal(faults_open_files(), 0);
        assert_int_equal(scratch_count(), files);
        assert_int_equal(status, n < 10 ? SNAS_E_IO : SNAS_OK);
        assert_string_equal(content(path), n < 9 ? "old" : "one twos");
    }
    /* open, open, four writes, sync, close, rename, sync and close of the folder; and the run that meets no fault */
    assert_int_equal(n, 12);
}

static void a_held_file_is_read_anywhere_until_it_is_too_short(void **state)
{
    (void)state;
    const char *path = scratch_path("held");
    char text[8] = "";
    snas_arena *short_lived;
    snas_held *held;
    assert_ok(snas_file_replace_text(path, "0123456789"));
    faults_in_files(1, EINTR, false); /* counts descriptors too */
    assert_ok(snas_arena_create("held", 0, &short_lived));
    assert_ok(snas_held_open(short_lived, path, &held));
    assert_int_equal(held->size, 10);
    assert_ok(snas_held_read(held, 3, 4, text)); /* interrupted */
    assert_string_equal(text, "3456");
    faults_in_files(0, 0, true); /* a byte a call */
    assert_ok(snas_held_read(held, 5, 5, text));
    assert_string_equal(text, "56789");
    assert_fails(snas_held_read(held, 8, 4, text), SNAS_E_IO, "ends at byte 10");
    assert_ok(snas_file_cut(path, 6));
    assert_fails(snas_held_read(held, 5, 5, text), SNAS_E_IO,
                 "ends at byte 6, where 4 more are wanted: it has become shorter");
    faults_in_files(0, EIO, false);
    assert_fails(snas_held_read(held, 0, 1, text), SNAS_E_IO, "cannot read");
    snas_arena_destroy(short_lived);
    faults_clear();
    assert_int_equal(faults_open_files(), 0);
    assert_fails(snas_held_open(mem, scratch_path("nothing"), &held), SNAS_E_IO, "cannot open");
    assert_fails(snas_held_open(mem, "/dev/null", &held), SNAS_E_IO, "is a character device, where a file");
}

static void every_heap_failure_of_a_read_is_reported(void **state)
{
    (void)state;
    const char *path = scratch_path("big");
    static char text[300001];
    memset(text, 'b', sizeof text - 1);
    assert_ok(snas_file_replace_text(path, text));
    int failures = 0;
    for (int n = 0;; n++) {
        snas_arena *small = NULL;
        snas_bytes bytes;
        faults_in_heap(n, true);
        snas_status status = snas_arena_create("small", 0, &small);
        status = status == SNAS_OK ? snas_file_read(small, path, sizeof text, &bytes) : status;
        snas_arena_destroy(small);
        faults_clear();
        assert_int_equal(faults_open_blocks(), 0);
        if (status == SNAS_OK) {
            break;
        }
        assert_int_equal(status, SNAS_E_MEMORY);
        failures++;
    }
    assert_int_equal(failures, 2); /* the arena, the chunk for the file; a smaller chunk is tried in the same run */
}

static void a_folder_has_only_what_is_named_and_what_writes_left(void **state)
{
    (void)state;
    static const char *const names[] = {"lock", "part", NULL};
    const char *folder = scratch_path("only");
    assert_true(snas_folder_has_only(folder, names)); /* it is missing */
    assert_ok(snas_folder_make(scratch_path("only/part")));
    assert_ok(snas_file_replace_text(scratch_path("only/lock"), ""));
    assert_ok(snas_file_replace_text(scratch_path("only/.lock.1.1.tmp"), ""));
    assert_true(snas_folder_has_only(folder, names));
    assert_ok(snas_file_replace_text(scratch_path("only/letter"), ""));
    assert_false(snas_folder_has_only(folder, names));
}

static void what_another_program_wrote_takes_its_place(void **state)
{
    (void)state;
    const char *from = scratch_path("draft"), *to = scratch_path("settled");
    snas_bytes bytes;
    assert_ok(snas_file_replace_text(from, "four"));
    assert_ok(snas_file_replace_text(to, "before"));
    assert_fails(snas_file_settle(mem, from, to, 3), SNAS_E_IO, "is too big");
    assert_ok(snas_file_settle(mem, from, to, 4));
    assert_ok(snas_file_read(mem, to, 99, &bytes));
    assert_string_equal(bytes.data, "four");
    assert_false(snas_file_is(from));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(a_file_above_the_limit_is_refused),
        cmocka_unit_test(a_message_names_the_path_and_the_reason),
        cmocka_unit_test(only_regular_files_are_read_and_none_is_waited_for),
        cmocka_unit_test(a_dead_writers_temporary_file_goes_with_the_next_writing),
        cmocka_unit_test(folders_are_made_with_their_parents),
        cmocka_unit_test(every_failing_call_leaves_a_whole_file),
        cmocka_unit_test(every_call_that_keeps_failing_leaves_a_whole_file),
        cmocka_unit_test(the_old_file_survives_every_fault_before_the_rename),
        cmocka_unit_test(a_folder_that_cannot_be_synced_is_told),
        cmocka_unit_test(interrupted_and_short_calls_are_taken_up_again),
        cmocka_unit_test(failing_reads_and_appends_are_told),
        cmocka_unit_test(a_draft_shows_itself_only_when_it_is_whole),
        cmocka_unit_test(every_failing_call_of_a_draft_leaves_a_whole_file),
        cmocka_unit_test(a_held_file_is_read_anywhere_until_it_is_too_short),
        cmocka_unit_test(a_folder_has_only_what_is_named_and_what_writes_left),
        cmocka_unit_test(what_another_program_wrote_takes_its_place),
        cmocka_unit_test(every_heap_failure_of_a_read_is_reported),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
