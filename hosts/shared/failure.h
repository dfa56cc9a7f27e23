/*
 * How the device ends when something is wrong: one line on stderr that names the cause and, where there is one, the
 * cure; the report if it was asked for; and a non-zero status.
 */
#ifndef FAILURE_H
#define FAILURE_H

/* Prints "error: " and the message, and exits with status 1. */
_Noreturn void failure(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
