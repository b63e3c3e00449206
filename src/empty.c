/* empty.c -- gives a room without sources of its own something to archive. */
typedef int snas_empty;
