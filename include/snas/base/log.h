/* log.h -- messages for people. The caller does not know where they go; only cli prints. */
#ifndef SNAS_BASE_LOG_H
#define SNAS_BASE_LOG_H

typedef enum { SNAS_LOG_DEBUG, SNAS_LOG_INFO, SNAS_LOG_WARNING } snas_log_level;

/** Where messages go; NULL (the start) drops them. Called by one thread at a time. */
typedef void (*snas_log_sink)(void *context, snas_log_level level, const char *message);
void snas_log_to(snas_log_sink sink, void *context);

/** Send one message, printf form, without a newline, at most 2047 bytes. What is in 'quotes' is made printable. */
void snas_log(snas_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
