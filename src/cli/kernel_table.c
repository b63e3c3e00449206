/* kernel_table.c -- `snas bench --kernels`: every fused kernel alone. */
#include "kernel_table.h"

#include <inttypes.h>

#include "snas/base/text.h"
#include "snas/judge/bench_kernels.h"

enum { PICTURES = 256, ROUNDS = 10 };

static const char *const DISTANCES[] = {"near", "far"};

static snas_status print_json(cli_session *session, const snas_kernels_benched *b)
{
    snas_text text = snas_text_make(session->mem);
    snas_text_add(&text, "{\"kernel_set\": ");
    snas_text_add_json(&text, b->kernel_set);
    snas_text_add(&text, ", \"pictures\": %d, \"peak_gflops\": ", b->pictures);
    snas_text_add_real(&text, b->peak_gflops);
    snas_text_add(&text, ", \"kernels\": [");
    for (int i = 0; i < b->row_count; i++) {
        const snas_kernel_row *row = &b->rows[i];
        snas_text_next(&text, ", ");
        snas_text_add(&text, "{\"kernel\": ");
        snas_text_add_json(&text, row->kernel);
        snas_text_add(&text, ", \"window\": \"%s\", \"channels\": %d, \"side\": %d, \"multiply_adds\": %" PRId64,
                      row->window, row->channels, row->side, row->macs);
        for (int k = 0; k < SNAS_DISTANCES; k++) {
            snas_text_add(&text, ", \"%s_forward_s\": ", DISTANCES[k]);
            snas_text_add_real(&text, row->at[k].forward_s);
            snas_text_add(&text, ", \"%s_backward_s\": ", DISTANCES[k]);
            snas_text_add_real(&text, row->at[k].backward_s);
        }
        snas_text_add(&text, "}");
    }
    snas_text_add(&text, "]}\n");
    return cli_print_text(session, &text);
}

static const char *percent(snas_arena *mem, const snas_kernel_row *row, double share)
{
    return row->macs == 0 ? "-" : snas_format(mem, "%.0f", 100 * share);
}

static snas_status print_people(cli_session *session, const snas_kernels_benched *b)
{
    snas_arena *mem = session->mem;
    cli_print(session,
              "kernels %s, one thread, peak %.1f GFLOP/s\nmicroseconds a picture, and %% of the peak, of one picture "
              "in the cache\nand of %d pictures that do not fit\n\n",
              b->kernel_set, b->peak_gflops, b->pictures);
    cli_print(session, "%-10s %-7s %8s %4s %13s %9s %13s %9s\n", "kernel", "window", "channels", "side",
              "1 picture, us", "%", snas_format(mem, "%d, us", b->pictures), "%");
    for (int i = 0; i < b->row_count; i++) {
        const snas_kernel_row *row = &b->rows[i];
        cli_print(session, "%-10s %-7s %8d %4d", row->kernel, row->window, row->channels, row->side);
        for (int k = 0; k < SNAS_DISTANCES; k++) {
            const char *forward = percent(mem, row, row->at[k].forward_share);
            const char *backward = percent(mem, row, row->at[k].backward_share);
            SNAS_TRY(snas_taken(forward));
            SNAS_TRY(snas_taken(backward));
            cli_print(session, " %6.1f %6.1f %4s %4s", 1e6 * row->at[k].forward_s, 1e6 * row->at[k].backward_s, forward,
                      backward);
        }
        cli_print(session, "\n");
    }
    return SNAS_OK;
}

snas_status cli_bench_kernels(cli_session *session, int pictures, int rounds, bool json)
{
    const snas_run_options run = cli_run_options(session, ".", 1);
    const snas_bench_kernels_options options = {
        .kernels = run.kernels, .pictures = pictures > 0 ? pictures : PICTURES, .rounds = rounds > 0 ? rounds : ROUNDS};
    snas_kernels_benched benched;
    SNAS_TRY(snas_bench_kernels(session->mem, &options, &benched));
    return json ? print_json(session, &benched) : print_people(session, &benched);
}
