/*
 * The natives of this firmware: those that its modules name. The tools write the table, from the modules' faces.
 */
#ifndef EXPORTS_H
#define EXPORTS_H

typedef void (*native_address)(void);

typedef struct native_entry {
	const char *name;
	native_address address;
} native_entry;

/* The last one has no name. */
extern const native_entry natives_table[];

#endif
