/* check.h -- cmocka with what it needs before it, and the assertions it lacks. Tests include this, never cmocka.h. */
#ifndef SNAS_TESTS_CHECK_H
#define SNAS_TESTS_CHECK_H

/* cmocka.h needs these four before itself */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <math.h>

#include "snas/base/status.h"

/** Is this a build whose sanitizer wants memory and threads of its own? Tests that take these away skip then. */
#if defined(__has_feature)
#define CHECK_HAS_FEATURE(x) __has_feature(x)
#else
#define CHECK_HAS_FEATURE(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || CHECK_HAS_FEATURE(address_sanitizer) ||           \
    CHECK_HAS_FEATURE(thread_sanitizer)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

/** |a - b| <= tolerance * max(1, |b|); prints both when not. */
#define assert_near(a, b, tolerance)                                                                                   \
    do {                                                                                                               \
        const double a_ = (a), b_ = (b);                                                                               \
        if (!(fabs(a_ - b_) <= (tolerance)*fmax(1.0, fabs(b_)))) {                                                     \
            fail_msg("%s = %.17g, wanted %.17g (off by %.3g, allowed %.3g)", #a, a_, b_, fabs(a_ - b_),                \
                     (tolerance)*fmax(1.0, fabs(b_)));                                                                 \
        }                                                                                                              \
    } while (0)

/** The call succeeds; prints its sentence when not. */
#define assert_ok(call)                                                                                                \
    do {                                                                                                               \
        const snas_status s_ = (call);                                                                                 \
        if (s_ != SNAS_OK) {                                                                                           \
            fail_msg("%s failed with %d: %s", #call, (int)s_, snas_error());                                           \
        }                                                                                                              \
    } while (0)

/** The call fails with `status`, and its sentence contains `part`. */
#define assert_fails(call, status, part)                                                                               \
    do {                                                                                                               \
        const snas_status s_ = (call);                                                                                 \
        if (s_ != (status) || strstr(snas_error(), (part)) == NULL) {                                                  \
            fail_msg("%s returned %d (wanted %d), \"%s\" (wanted \"%s\" in it)", #call, (int)s_, (int)(status),        \
                     snas_error(), (part));                                                                            \
        }                                                                                                              \
    } while (0)

#endif
