/* processors.h -- the text of a control group's cpu.max, shown to tensor's tests. */
#ifndef SNAS_TENSOR_PROCESSORS_H
#define SNAS_TENSOR_PROCESSORS_H

/** Processors that "QUOTA PERIOD" allows, rounded up; 0 when it sets no limit or cannot be understood. */
int tensor_quota_parse(const char *cpu_max);

#endif
