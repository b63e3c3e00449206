/* price.h -- the resource term in the loss: lambda * R, its gradient by one of three methods. */
#ifndef SNAS_SEARCH_PRICE_H
#define SNAS_SEARCH_PRICE_H

#include "snas/config/config.h"
#include "snas/space/latency_table.h"

typedef struct {
    const snas_search_config *settings;
    snas_cost_table table;
    double *p, *dp;         /* [T][E][K]: probabilities of the logits, and dR/dp */
    double *dR;             /* [rows][E][K]: dR/dZ */
    double *by_edge;        /* [rows][E]: what multiplies the score of each edge */
    double *baseline;       /* [rows] */
    int rows;               /* of a draw */
    const int *row_of_cell; /* of a draw, borrowed */
} snas_price;

/** Cost table of the supernet on pictures of that side, and room for draws of `rows` rows. */
SNAS_MUST_CHECK snas_status snas_price_create(snas_arena *mem, const snas_search_config *settings, int side, int rows,
                                              const int *row_of_cell, snas_price *out);

/** From now on the cost `latency` of a candidate on an edge is its mean time over the child's cells of the type, in
 *  microseconds. */
SNAS_MUST_CHECK snas_status snas_price_take_latency(snas_arena *mem, const snas_latency *times, snas_price *price);

/** R of the draw (discrete: of the probabilities) by the method of the settings, and its part of the gradient:
 *
 *      dz          += lambda * dR/dZ                              reparametrization, [rows][E][K]
 *      d_log_alpha += lambda * (dp/d log_alpha)^T dR/dp           discrete, [T][E][K]
 *      d_log_alpha += lambda * sum_e R_e * d log p(Z_e)/d log_alpha
 *                                                                 policy_gradient, R_e and Z held constant
 *
 *  R_e is what edge e has in R: sum over the cells that share its draw of share(cell) r_e; with the baseline, r_e less
 *  the r of the mean cost over the cell's edges and candidates. lambda 0 reports R and adds nothing. */
double snas_price_add(const snas_price *resource, const snas_logits *logits, const snas_draw *draw, double lambda,
                      double *dz, double *d_log_alpha);

/** R under the probabilities p, [T][E][K]. */
double snas_price_expected(const snas_price *resource, const double *p);

#endif
