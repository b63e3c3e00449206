/* version.h -- the version, by semantic versioning, and that of the arithmetic. The build reads the version here. */
#ifndef SNAS_BASE_VERSION_H
#define SNAS_BASE_VERSION_H

#define SNAS_VERSION "0.1.0"
#define SNAS_VERSION_DATE "2026-11-27" /* of its release, or of what is being made; manual pages show it */

/** Raise it whenever the bytes of a run change: another order of additions, other random numbers, other pictures,
 *  another formula. It stands in every checkpoint, and a run does not go on under another one. 1: runs that do not name
 *  theirs. */
enum { SNAS_ARITHMETIC = 3 };

#endif
