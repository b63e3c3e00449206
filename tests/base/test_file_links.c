/* test_file_links.c -- links that the user names are followed, those in the place of own files are not. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena_fixture.h"
#include "check.h"
#include "scratch.h"
#include "snas/base/file.h"

static const char *content(const char *path)
{
    snas_bytes bytes;
    assert_ok(snas_file_read(mem, path, 1 << 20, &bytes));
    return bytes.data;
}

static void links_stay_links_and_devices_stay_devices(void **state)
{
    (void)state;
    const char *target = scratch_path("target"), *link = scratch_path("link");
    struct stat facts;
    assert_ok(snas_file_replace_text(target, "old"));
    assert_int_equal(symlink(target, link), 0);
    assert_ok(snas_file_replace_text(link, "new"));
    assert_int_equal(lstat(link, &facts), 0);
    assert_true(S_ISLNK(facts.st_mode));
    assert_string_equal(content(target), "new");
    assert_ok(snas_file_remove(target));
    assert_ok(snas_file_replace_text(link, "made"));
    assert_string_equal(content(target), "made");
    assert_ok(snas_file_remove(link));
    assert_int_equal(symlink("link2", link), 0); /* beside it, and back */
    assert_int_equal(symlink("link", scratch_path("link2")), 0);
    assert_fails(snas_file_replace_text(scratch_path("link"), "x"), SNAS_E_IO, "Too many levels of symbolic links");
    assert_ok(snas_file_remove(scratch_path("link2")));
    assert_int_equal(symlink("target", scratch_path("link2")), 0);
    assert_ok(snas_file_replace_text(scratch_path("link"), "through two"));
    assert_string_equal(content(scratch_path("target")), "through two");
    assert_ok(snas_file_remove(scratch_path("link2")));
    assert_ok(snas_file_replace_text("/dev/null", "gone"));
    assert_int_equal(stat("/dev/null", &facts), 0);
    assert_true(S_ISCHR(facts.st_mode));
    assert_ok(snas_file_remove(link));
    assert_ok(snas_file_remove(target));
}

static void what_stands_where_the_program_names_a_file_is_replaced(void **state)
{
    (void)state;
    const char *target = scratch_path("target"), *file = scratch_path("named");
    struct stat facts;
    assert_ok(snas_file_replace_text(target, "old"));
    assert_int_equal(symlink(target, file), 0);
    assert_ok(snas_file_replace_text_nofollow(file, "new"));
    assert_string_equal(content(file), "new");
    assert_string_equal(content(target), "old");
    assert_ok(snas_file_remove(file));
    assert_int_equal(symlink(scratch_path("missing"), file), 0);
    assert_ok(snas_file_replace_text_nofollow(file, "new"));
    assert_false(snas_file_is(scratch_path("missing")));
    assert_ok(snas_file_remove(file));
    assert_int_equal(mkfifo(file, 0600), 0);
    assert_ok(snas_file_replace_text_nofollow(file, "new"));
    assert_int_equal(lstat(file, &facts), 0);
    assert_true(S_ISREG(facts.st_mode));
    assert_fails(snas_file_replace_text_nofollow(scratch_path(""), "new"), SNAS_E_IO, "Is a directory");
    assert_ok(snas_file_remove(file));
    assert_ok(snas_file_remove(target));
}

static void what_the_program_adds_to_is_a_file_and_no_link(void **state)
{
    (void)state;
    const char *target = scratch_path("target"), *file = scratch_path("named");
    assert_ok(snas_file_append_nofollow(target, "one"));
    assert_ok(snas_file_append_nofollow(target, " two"));
    assert_ok(snas_link_refuse(target));
    assert_ok(snas_link_refuse(file));
    assert_int_equal(symlink(target, file), 0);
    assert_fails(snas_file_append_nofollow(file, "x"), SNAS_E_IO, "named' is a symbolic link, which is not followed");
    assert_string_equal(content(target), "one two");
    assert_ok(snas_file_append(file, " three"));
    assert_string_equal(content(target), "one two three");
    assert_ok(snas_file_remove(file));
    assert_int_equal(symlink(scratch_path("missing"), file), 0);
    assert_fails(snas_file_append_nofollow(file, "x"), SNAS_E_IO, "named' is a symbolic link, which is not followed");
    assert_false(snas_file_is(scratch_path("missing")));
    assert_ok(snas_file_remove(file));
    assert_int_equal(mkfifo(file, 0600), 0);
    assert_fails(snas_file_append_nofollow(file, "x"), SNAS_E_IO, "named' is a named pipe, where a file is wanted");
    assert_fails(snas_file_append_nofollow("/dev/null", "x"), SNAS_E_IO, "is a character device, where a file");
    assert_fails(snas_file_append_nofollow("no/such", "x"), SNAS_E_IO, "cannot open 'no/such': No such file");
    assert_ok(snas_file_remove(file));
    assert_ok(snas_file_remove(target));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_stay_links_and_devices_stay_devices),
        cmocka_unit_test(what_stands_where_the_program_names_a_file_is_replaced),
        cmocka_unit_test(what_the_program_adds_to_is_a_file_and_no_link),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
