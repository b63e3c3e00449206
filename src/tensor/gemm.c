/* gemm.c -- dense matrix products through OpenBLAS, one thread a call.
 *
 *     C[m,n] = op(A)[m,k] op(B)[k,n] + beta * C
 *
 * The serial flavour is not built for calls side by side: there each takes a lock.
 */
#include "snas/tensor/gemm.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>

#include "blas.h"

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static bool is_serial;

static void lock_when_serial(void)
{
    if (is_serial) {
        pthread_mutex_lock(&one_at_a_time);
    }
}

static void unlock_when_serial(void)
{
    if (is_serial) {
        pthread_mutex_unlock(&one_at_a_time);
    }
}

void snas_gemm_f32(const snas_gemm_shape *s, const float *a, const float *b, float *c)
{
    assert(tensor_blas.sgemm != NULL && "snas_blas_start comes first");
    lock_when_serial();
    tensor_blas.sgemm(CblasRowMajor, s->transpose_a ? CblasTrans : CblasNoTrans,
                      s->transpose_b ? CblasTrans : CblasNoTrans, s->m, s->n, s->k, 1.0f, a, s->lda, b, s->ldb,
                      s->add ? 1.0f : 0.0f, c, s->ldc);
    unlock_when_serial();
}

void snas_gemm_f64(const snas_gemm_shape *s, const double *a, const double *b, double *c)
{
    assert(tensor_blas.sgemm != NULL && "snas_blas_start comes first");
    lock_when_serial();
    tensor_blas.dgemm(CblasRowMajor, s->transpose_a ? CblasTrans : CblasNoTrans,
                      s->transpose_b ? CblasTrans : CblasNoTrans, s->m, s->n, s->k, 1.0, a, s->lda, b, s->ldb,
                      s->add ? 1.0 : 0.0, c, s->ldc);
    unlock_when_serial();
}

/* One product of the self-test: largest |C - reference|, entries of A and B in [-1, 1]. */
enum { TEST_SIDE = 48 };

static double product_error(const snas_gemm_shape *s)
{
    static float a[TEST_SIDE * TEST_SIDE], b[TEST_SIDE * TEST_SIDE], c[TEST_SIDE * TEST_SIDE];
    for (int i = 0; i < TEST_SIDE * TEST_SIDE; i++) {
        a[i] = (float)((i * 37) % 101 - 50) / 50.0f;
        b[i] = (float)((i * 61) % 103 - 51) / 51.0f;
        c[i] = 0.25f;
    }
    snas_gemm_f32(s, a, b, c);
    double worst = 0.0;
    for (int i = 0; i < s->m; i++) {
        for (int j = 0; j < s->n; j++) {
            double sum = s->add ? 0.25 : 0.0;
            for (int k = 0; k < s->k; k++) {
                sum += (double)a[s->transpose_a ? k * s->lda + i : i * s->lda + k] *
                       (double)b[s->transpose_b ? j * s->ldb + k : k * s->ldb + j];
            }
            worst = fmax(worst, fabs(sum - (double)c[i * s->ldc + j]));
        }
    }
    return worst;
}

/* Products of several shapes, all of A and B as they are or transposed. */
static snas_status test_products(void)
{
    const double allowed = 1e-4; /* 48 products of numbers up to 1 in float */
    static const int sides[][3] = {{48, 48, 48}, {17, 31, 13}, {1, 48, 27}, {48, 1, 5}};
    for (int i = 0; i < 16; i++) {
        const int *side = sides[i % 4];
        const snas_gemm_shape shape = {.transpose_a = (i & 4) != 0,
                                       .transpose_b = (i & 8) != 0,
                                       .m = side[0],
                                       .n = side[1],
                                       .k = side[2],
                                       .lda = TEST_SIDE,
                                       .ldb = TEST_SIDE,
                                       .ldc = TEST_SIDE,
                                       .add = (i & 1) != 0};
        const double error = product_error(&shape);
        if (!(error <= allowed)) {
            return snas_fail(SNAS_E_FAILED,
                             "the BLAS library computes wrong products on this processor: "
                             "error %g in a %d x %d x %d product by %s; try another "
                             "OPENBLAS_CORETYPE, such as Haswell",
                             error, shape.m, shape.n, shape.k, snas_blas_description());
        }
    }
    return SNAS_OK;
}

snas_status snas_blas_start(int threads)
{
    static bool is_tested;
    assert(threads >= 1);
    SNAS_TRY(tensor_blas_prepare(threads));
    is_serial = tensor_blas_is_serial();
    if (!is_tested) {
        SNAS_TRY(test_products());
        is_tested = true;
    }
    return SNAS_OK;
}
