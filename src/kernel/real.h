/* real.h -- the number type of the plain kernels: each file is built twice, as float (the product) and as double (the
 * judge), and SNAS_BUILT gives every public name of a build its ending.
 */
#ifndef SNAS_KERNEL_REAL_H
#define SNAS_KERNEL_REAL_H

#ifdef SNAS_BUILD_F64
typedef double snas_real;
#define SNAS_BUILT(name) name##_f64
#else
typedef float snas_real;
#define SNAS_BUILT(name) name##_f32
#endif

#endif
