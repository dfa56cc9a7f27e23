/*
 * What the run took, as one line of JSON: the last line that the device prints.
 */
#ifndef REPORT_H
#define REPORT_H

/* Asks for the report (--report). Without it, report_print prints nothing. */
void report_on(void);

void report_print(int status);

/* The host's: what it alone has, as members of the JSON, each with a comma behind it. */
void report_platform(void);

#endif
