/* version.h -- the version, as in CMakeLists.txt (a test holds them together). */
#ifndef SNAS_BASE_VERSION_H
#define SNAS_BASE_VERSION_H

#define SNAS_VERSION "0.1.0"

#endif
