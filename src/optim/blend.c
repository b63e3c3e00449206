/* blend.c -- one vector blended into another: to <- keep * to + share * from, element by element.
 *
 * Every element is computed alone, so no cut of the work changes a byte.
 */
#include <assert.h>

#include "snas/optim/optim.h"

enum { UNIT = 16384 }; /* elements a unit of work: short ones, so that many threads have some */

#define snas_real float
#define blend_job blend_job_f32
#define blend_unit blend_unit_f32
#define snas_blend snas_blend_f32
#include "blend_body.h"

#define snas_real double
#define blend_job blend_job_f64
#define blend_unit blend_unit_f64
#define snas_blend snas_blend_f64
#include "blend_body.h"
