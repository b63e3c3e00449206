/* status.h -- what a function that can fail returns, and the one sentence that says why.
 *
 * Faults from outside (a file, a config, memory, data) are a snas_status; programming errors are an assert. A message
 * is lower case, without a full stop, the problem first, the subject in 'quotes', with the value that was found and
 * what is allowed. It is recorded once, where the fault is detected; SNAS_TRY passes the status on.
 */
#ifndef SNAS_BASE_STATUS_H
#define SNAS_BASE_STATUS_H

typedef enum {
    SNAS_OK = 0,
    SNAS_E_FAILED,      /* failed for a reason that none of the others covers; exit code 1 */
    SNAS_E_MEMORY,      /* out of memory; exit code 1 */
    SNAS_E_USAGE,       /* command line or config; exit code 2 */
    SNAS_E_DATA,        /* a data set or a file's format; exit code 3 */
    SNAS_E_IO,          /* reading or writing a file, a checkpoint; exit code 4 */
    SNAS_E_NUMERIC,     /* NaN, infinity, divergence; exit code 5 */
    SNAS_E_INTERRUPTED, /* a signal asked to stop and the state is saved; exit code 128 + signal */
    SNAS_STATUS_COUNT
} snas_status;

#define SNAS_MUST_CHECK __attribute__((warn_unused_result))

/** Record a sentence (printf form, at most SNAS_SENTENCE_BYTES with its end, this thread's). What is in 'quotes' is
 *  made printable (sentence.h). */
void snas_record(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Record the sentence and give `status`: `return snas_fail(SNAS_E_DATA, "'%s' is empty", path);` A macro, so that a
 *  static analyzer sees that the status is not SNAS_OK. */
#define snas_fail(status, ...) (snas_record(__VA_ARGS__), (snas_status)(status))

/** The sentence recorded last by this thread; "" when there is none. */
const char *snas_error(void);

/** Forget the recorded sentence. */
void snas_error_clear(void);

/** A saved fault: for another thread, or while other calls may record faults of their own. */
enum { SNAS_SENTENCE_BYTES = 8192 };
typedef struct {
    snas_status status;
    char sentence[SNAS_SENTENCE_BYTES];
} snas_fault;

/** Keep `status` with the sentence that this thread recorded last. */
void snas_fault_keep(snas_fault *fault, snas_status status);

/** For a series of calls that are all made even when some fail: keep the first fault, but let one of another kind
 *  replace SNAS_E_IO, which may be transient. Initialise the fault with {0}. */
void snas_fault_first(snas_fault *fault, snas_status status);

/** Record a kept sentence again, and give its status. */
SNAS_MUST_CHECK snas_status snas_fault_again(const snas_fault *fault);

/** Return from the calling function when `call` fails. */
#define SNAS_TRY(call)                                                                                                 \
    do {                                                                                                               \
        const snas_status status_ = (call);                                                                            \
        if (status_ != SNAS_OK)                                                                                        \
            return status_;                                                                                            \
    } while (0)

#endif
