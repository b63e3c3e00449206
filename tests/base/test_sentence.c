/* test_sentence.c -- sentences are formed as by printf, and quoted names cannot steer a terminal. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "snas/base/sentence.h"

__attribute__((format(printf, 3, 4))) static void form(char *to, size_t capacity, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    snas_sentence(to, capacity, format, arguments);
    va_end(arguments);
}

/* The same call to both. */
#define ASSERT_AS_PRINTF(...)                                                                                          \
    do {                                                                                                               \
        char wanted_[512], found_[512];                                                                                \
        snprintf(wanted_, sizeof wanted_, __VA_ARGS__);                                                                \
        form(found_, sizeof found_, __VA_ARGS__);                                                                      \
        assert_string_equal(found_, wanted_);                                                                          \
    } while (0)

static void every_conversion_is_printfs(void **state)
{
    (void)state;
    ASSERT_AS_PRINTF("%s", "plain");
    ASSERT_AS_PRINTF("no conversion, 100 %%");
    ASSERT_AS_PRINTF("%d %i %u %x %c %5d|%-5d|%05d|%+d", -3, 4, 5U, 0xbeefU, 'c', 6, 7, 8, 9);
    ASSERT_AS_PRINTF("%ld %lu %lld %llu %zu %zd %td", -1L, 2UL, -3LL, 4ULL, (size_t)5, (size_t)6, (ptrdiff_t)-7);
    ASSERT_AS_PRINTF("%" PRId64 " %08" PRIx32 " %" PRIu64, INT64_MIN, UINT32_C(0xabc), UINT64_MAX);
    ASSERT_AS_PRINTF("%g %.3f %10.2f %.17g %e %.*f", 0.1, 2.0 / 3, -5.5, 0.1, 1e100, 2, 3.14159);
    ASSERT_AS_PRINTF("%.3s|%-8s|%8s|%.*s|%*s", "abcdef", "ab", "cd", 2, "xyz", 5, "e");
    ASSERT_AS_PRINTF("'%s' and '%.2s': %s", "quoted", "cut", "a\nb\033[m"); /* only what is quoted is looked at */
    ASSERT_AS_PRINTF("'%d' '%s'", 1, "");
}

static void names_in_quotes_are_made_printable(void **state)
{
    (void)state;
    char found[128];
    form(found, sizeof found, "cannot open '%s': %s", "a\n\033[31mb\x9b\xc2\x9b\xc3\xa9\x7f", "why");
    assert_string_equal(found, "cannot open 'a\\x0a\\x1b[31mb\\x9b\\xc2\\x9b\xc3\xa9\\x7f': why");
    form(found, sizeof found, "'%.*s' '%.3s'", 2, "\rab", "a\tbc");
    assert_string_equal(found, "'\\x0da' 'a\\x09b'");
}

static void a_sentence_is_cut_at_its_room(void **state)
{
    (void)state;
    char found[8];
    for (size_t room = 1; room <= sizeof found; room++) {
        memset(found, '#', sizeof found);
        form(found, room, "ab%d'%s'", 123, "\033");
        char wanted[16] = "ab123'\\x1b'";
        wanted[room - 1] = '\0';
        assert_string_equal(found, wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_conversion_is_printfs),
        cmocka_unit_test(names_in_quotes_are_made_printable),
        cmocka_unit_test(a_sentence_is_cut_at_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
