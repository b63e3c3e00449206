/* test_pool.c -- pooling by hand: where the gradient of a tie goes, what counts at the border. */
#include "check.h"
#include "snas/kernel/operation.h"

enum { SIDE = 4, PIXELS = SIDE * SIDE };

typedef struct {
    double x[PIXELS], dx[PIXELS], y[PIXELS], dy[PIXELS];
    snas_view vx, vdx;
    snas_task task;
} fixture;

static snas_view view(double *data, int side)
{
    return (snas_view){.data = data, .stride = PIXELS, .h = side, .w = side, .c = 1, .ld = 1};
}

/* One channel; x all `value`, dy all 1; forward and backward are run. */
static void run(fixture *f, snas_op_kind kind, int stride, double value)
{
    static const snas_feed STEP = {.count = 1};
    static const snas_context PLACE = {0};
    const snas_operation *row = snas_operations_f64[kind];
    *f = (fixture){
        .task = {.kind = kind, .window = {.kernel = 3, .stride = stride, .pad = 1, .dilation = 1}, .inputs = 1}};
    for (int i = 0; i < PIXELS; i++) {
        f->x[i] = value;
        f->dy[i] = 1.0;
    }
    f->vx = view(f->x, SIDE);
    f->vdx = view(f->dx, SIDE);
    f->task.x = &f->vx;
    f->task.dx = &f->vdx;
    f->task.y = view(f->y, snas_window_side(&f->task.window, SIDE));
    f->task.dy = view(f->dy, f->task.y.h);
    row->kernel.forward(&f->task, &STEP, &PLACE);
    row->kernel.backward(&f->task, &STEP, &PLACE);
}

static void assert_pixels(const double *found, const double *wanted, int count)
{
    for (int i = 0; i < count; i++) {
        assert_near(found[i], wanted[i], 1e-15);
    }
}

/* Windows of a row of four start at 0, 0, 1, 2: the first pixel gets two of them, the last none. */
static void a_tie_gives_its_gradient_to_the_first_pixel(void **state)
{
    (void)state;
    static const double WANTED[PIXELS] = {4, 2, 2, 0, 2, 1, 1, 0, 2, 1, 1, 0, 0, 0, 0, 0};
    fixture f;
    run(&f, SNAS_OP_MAX_POOL, 1, 3.0);
    assert_pixels(f.dx, WANTED, PIXELS);
}

static void pixels_outside_do_not_win_a_maximum(void **state)
{
    (void)state;
    static const double WANTED[4] = {-2, -2, -2, -2};
    fixture f;
    run(&f, SNAS_OP_MAX_POOL, 2, -2.0);
    assert_int_equal(f.task.y.h, 2);
    assert_pixels(f.y, WANTED, 4);
}

static void pixels_outside_do_not_count_in_a_mean(void **state)
{
    (void)state;
    static const double WANTED[4] = {5, 5, 5, 5};
    static const double CORNER = 1.0 / 4, EDGE = 1.0 / 6, MIDDLE = 1.0 / 9;
    fixture f;
    run(&f, SNAS_OP_AVG_POOL, 2, 5.0);
    assert_pixels(f.y, WANTED, 4);
    assert_near(f.dx[0], CORNER, 1e-15);
    assert_near(f.dx[5], CORNER + 2 * EDGE + MIDDLE, 1e-15);
    assert_near(f.dx[15], MIDDLE, 1e-15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tie_gives_its_gradient_to_the_first_pixel),
        cmocka_unit_test(pixels_outside_do_not_win_a_maximum),
        cmocka_unit_test(pixels_outside_do_not_count_in_a_mean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
