/* faults.h -- make the n-th system call or allocation of a test fail, through the two tables of base. */
#ifndef SNAS_TESTS_FAULTS_H
#define SNAS_TESTS_FAULTS_H

#include <stdbool.h>

/** The `call`-th call (from 0) through snas_files fails with errno `reason`; with reason 0 a read or write is cut to
 *  one byte and other calls pass. With `forever` all later calls do the same. Counting starts anew. */
void faults_in_files(int call, int reason, bool forever);

/** The `call`-th allocation (from 0) through snas_heap gives NULL; with `forever` all later ones too. */
void faults_in_heap(int call, bool forever);

/** Calls seen since the last faults_in_files or faults_in_heap. */
int faults_calls(void);

/** Open descriptors through snas_files minus closed ones, and blocks allocated minus released ones, since the start. */
int faults_open_files(void);
int faults_open_blocks(void);

/** The tables as they were. */
void faults_clear(void);

#endif
