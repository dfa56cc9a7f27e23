/*
 * What the run took, as one line of JSON: the last line that the device prints.
 */
#ifndef REPORT_H
#define REPORT_H

/* Asks for the report (--report). Without it, report_print prints nothing. */
void report_on(void);

void report_print(int status);

#endif
