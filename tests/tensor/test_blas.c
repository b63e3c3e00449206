/* test_blas.c -- BLAS is loaded when it is wanted, starts no threads, and takes its memory before it is used. */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "snas/tensor/gemm.h"
#include "snas/tensor/team.h"

static int threads_of_this_process(void)
{
    int count = 0;
    DIR *tasks = opendir("/proc/self/task");
    assert_non_null(tasks);
    for (const struct dirent *e = readdir(tasks); e != NULL; e = readdir(tasks)) {
        count += e->d_name[0] != '.';
    }
    (void)closedir(tasks);
    return count;
}

/* Bytes of address space that this process has taken. */
static size_t address_space(void)
{
    unsigned long pages = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    assert_non_null(statm);
    assert_int_equal(fscanf(statm, "%lu", &pages), 1);
    (void)fclose(statm);
    return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* What snas_blas_start(threads) gives in a child that may take `mib` more, and whether its sentence holds `part`. */
static snas_status started_with(int threads, int mib, const char *part)
{
    const pid_t child = fork();
    if (child == 0) {
        const rlim_t limit = address_space() + ((size_t)mib << 20);
        (void)alarm(60); /* should it ask for ever */
        (void)setrlimit(RLIMIT_AS, &(struct rlimit){.rlim_cur = limit, .rlim_max = limit});
        const snas_status status = snas_blas_start(threads);
        _exit(status != SNAS_OK && strstr(snas_error(), part) == NULL ? SNAS_STATUS_COUNT : (int)status);
    }
    int status = -1;
    assert_true(child > 0 && waitpid(child, &status, 0) == child);
    assert_true(WIFEXITED(status));
    return (snas_status)WEXITSTATUS(status);
}

/* The first test: nothing is loaded yet. */
static void without_room_it_says_so_and_does_not_wait(void **state)
{
    (void)state;
    assert_string_equal(snas_blas_description(), "not used");
    if (SANITIZED) {
        skip();
    }
    assert_int_equal(started_with(1, 10, "out of memory: no 64 MiB"), SNAS_E_MEMORY);
    assert_int_equal(started_with(1, 100, "out of memory: the plain kernels take 128 MiB"), SNAS_E_MEMORY);
    assert_int_equal(started_with(4, 400, "no room for 4 threads"), SNAS_E_MEMORY);
    assert_int_equal(started_with(4, 700, ""), SNAS_OK);
}

typedef struct {
    float a[64 * 64], b[64 * 64], c[16][64 * 64];
} products;

static void multiply(void *context, int unit, int thread)
{
    products *p = context;
    const snas_gemm_shape shape = {.m = 64, .n = 64, .k = 64, .lda = 64, .ldb = 64, .ldc = 64};
    (void)thread;
    snas_gemm_f32(&shape, p->a, p->b, p->c[unit]);
}

static void nothing(void *context, int unit, int thread)
{
    (void)context;
    (void)unit;
    (void)thread;
}

static void it_starts_no_threads_and_products_take_no_more_memory(void **state)
{
    (void)state;
    static products p;
    const int before = threads_of_this_process();
    assert_ok(snas_blas_start(2));
    assert_ok(snas_blas_start(4));
    assert_int_equal(threads_of_this_process(), before);
    assert_non_null(strstr(snas_blas_description(), "OpenBLAS"));
    for (int i = 0; i < 64 * 64; i++) {
        p.a[i] = (float)(i % 13 - 6);
        p.b[i] = (float)(i % 11 - 5);
    }
    const snas_team team = snas_team_make(4);
    snas_team_run(&team, 16, nothing, NULL); /* now the team's own threads have their stacks */
    const size_t taken = address_space();
    snas_team_run(&team, 16, multiply, &p);
    assert_true(SANITIZED || address_space() < taken + (16u << 20));
    for (int i = 0; i < 64; i++) {
        for (int j = 0; j < 64; j++) {
            float sum = 0;
            for (int k = 0; k < 64; k++) {
                sum += p.a[i * 64 + k] * p.b[k * 64 + j]; /* small whole numbers: exact */
            }
            for (int unit = 0; unit < 16; unit++) {
                assert_true(p.c[unit][i * 64 + j] == sum);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_room_it_says_so_and_does_not_wait),
        cmocka_unit_test(it_starts_no_threads_and_products_take_no_more_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
