/* version.h -- the version, as in CMakeLists.txt (a test holds them together). */
#ifndef SNAS_CLI_VERSION_H
#define SNAS_CLI_VERSION_H

#define SNAS_VERSION "0.1.0"

#endif
