/*
 * Finds natives among what the program and the app's shared objects export.
 */
#include "natives.h"

#include <dlfcn.h>
#include <sys/mman.h>

#include "failure.h"

txCallback natives_lookup(const char *name)
{
	void *address = dlsym(RTLD_DEFAULT, name);
	txCallback function;
	memcpy(&function, &address, sizeof(function)); /* ISO C has no cast from object to function */
	return function;
}

void natives_load(const char *path)
{
	if (!dlopen(path, RTLD_NOW | RTLD_GLOBAL))
		failure("cannot load the app's natives: %s", dlerror());
}

const char *natives_nowhere(void)
{
	static const char *range;
	if (!range) {
		range = mmap(NULL, NATIVES_MOST, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (range == MAP_FAILED)
			failure("no address space for natives");
	}
	return range;
}
