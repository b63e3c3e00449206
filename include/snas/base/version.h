/* version.h -- the version, as in CMakeLists.txt (a test holds them together), and that of the arithmetic. */
#ifndef SNAS_BASE_VERSION_H
#define SNAS_BASE_VERSION_H

#define SNAS_VERSION "0.1.0"

/** Raise it whenever the bytes of a run change: another order of additions, other random numbers, other pictures,
 *  another formula. It stands in every checkpoint, and a run does not go on under another one. 1: runs that do not name
 *  theirs. */
enum { SNAS_ARITHMETIC = 3 };

#endif
