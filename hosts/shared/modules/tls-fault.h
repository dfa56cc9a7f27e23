/*
 * What went wrong in a TLS session: a row of the fault table (hosts/linux/README.md), and words.
 */
#ifndef TLS_FAULT_H
#define TLS_FAULT_H

#include <stddef.h>
#include <stdint.h>

/* The longest text of a fault, its end included. */
#define TLS_WORDS 256

typedef struct {
	const char *name; /* a row of the fault table; NULL: nothing is wrong */
	char words[TLS_WORDS];
} tls_fault;

struct tls_session;

/* Of the first fault only: what follows from it is no news. */
void tls_fault_set(struct tls_session *self, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The peer's alert. */
void tls_fault_from_alert(struct tls_session *self, int alert);

/* Appends a text of the peer's: what does not print on a terminal becomes a question mark. */
void tls_fault_append(char *words, size_t size, const char *separator, const char *text, size_t length);

/* Gathers whom a certificate is for, as far as there is room. */
typedef struct {
	char words[128];
	int count;
} tls_names;

void tls_names_add_host(tls_names *names, const char *text, size_t length);
void tls_names_add_address(tls_names *names, const uint8_t *bytes, size_t length);
void tls_fault_wrong_host(struct tls_session *self, const tls_names *names);

#endif
