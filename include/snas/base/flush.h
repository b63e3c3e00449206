/* flush.h -- denormal numbers count as zero. */
#ifndef SNAS_BASE_FLUSH_H
#define SNAS_BASE_FLUSH_H

/** From now on this thread, and those that it starts, take and give denormal numbers as 0: floats below 1.2e-38,
 *  doubles below 2.2e-308. x86 processors compute with denormals a hundred times slower, and a mixed edge that has
 *  decided is full of them: z at a low temperature times a gradient. No effect on processors without such a switch. */
void snas_flush_denormals(void);

#endif
