#include "exports.h"

#include "natives.h"

/* The last 512 MB of the address space are the processor's own and the vendor's: no instruction is ever fetched there. */
#define EXPORTS_NOWHERE 0xF0000000

txCallback natives_lookup(const char *name)
{
	for (const native_entry *entry = natives_table; entry->name; entry++) {
		if (!strcmp(entry->name, name))
			return (txCallback)entry->address;
	}
	return NULL;
}

void natives_load(const char *path)
{
	/* An app's own C is part of the firmware. */
	(void)path;
}

const char *natives_nowhere(void)
{
	return (const char *)EXPORTS_NOWHERE;
}
