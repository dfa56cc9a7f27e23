/*
 * The SDK's `Resource`: the bytes of a file of the manifest's `data` or `resources`, where they lie in flash. The object is a host
 * buffer that cannot be written, and costs the app three slots, whatever the file's length.
 */
#include "device.h"
#include "resources.h"

#include <limits.h>

/* The bytes are the flash's. */
void xs_resource_destructor(void *data)
{
}

static const void *resource_find(xsMachine *the, size_t *size)
{
	return resources_find(xsmcToString(xsArg(0)), size);
}

static void resource_set(xsMachine *the, xsSlot *slot, const void *bytes, xsIntegerValue size)
{
	/* The engine takes no pointer to const: that nobody writes is what petrify says. */
	fxSetHostBuffer(the, slot, (void *)(uintptr_t)bytes, size);
	fxPetrifyHostBuffer(the, slot);
}

void xs_resource(xsMachine *the)
{
	size_t size = 0;
	const void *bytes = resource_find(the, &size);
	if (!bytes || size > INT_MAX)
		xsURIError("Resource not found: %s: is it in \"data\" or \"resources\" of the manifest?", xsmcToString(xsArg(0)));
	resource_set(the, &xsThis, bytes, (xsIntegerValue)size);
}

void xs_resource_exists(xsMachine *the)
{
	size_t size;
	xsmcSetBoolean(xsResult, resource_find(the, &size) != NULL);
}

void xs_resource_get_byteLength(xsMachine *the)
{
	xsmcSetInteger(xsResult, xsmcGetHostBufferLength(xsThis));
}

/* slice(begin, end, copy): an ArrayBuffer with a copy of these bytes; with copy = false a buffer that is these bytes, in flash. */
void xs_resource_slice(xsMachine *the)
{
	int argc = xsmcArgc;
	xsIntegerValue begin = argc > 0 && xsmcTypeOf(xsArg(0)) != xsUndefinedType ? xsmcToInteger(xsArg(0)) : 0;
	xsIntegerValue end = argc > 1 && xsmcTypeOf(xsArg(1)) != xsUndefinedType ? xsmcToInteger(xsArg(1)) : INT_MAX;
	bool copy = argc < 3 || xsmcTest(xsArg(2));
	xsIntegerValue size = xsmcGetHostBufferLength(xsThis);
	uint8_t *bytes = xsmcGetHostDataValidate(xsThis, (void *)xs_resource_destructor);

	if (begin < 0)
		begin = 0;
	if (begin > size)
		begin = size;
	if (end > size)
		end = size;
	if (end < begin)
		end = begin;
	if (copy)
		xsmcSetArrayBuffer(xsResult, bytes + begin, end - begin);
	else {
		xsmcVars(1);
		xsResult = xsNewHostObject(xs_resource_destructor);
		resource_set(the, &xsResult, bytes + begin, end - begin);
		xsmcSetInteger(xsVar(0), end - begin);
		xsmcDefine(xsResult, xsID("byteLength"), xsVar(0), xsDontDelete | xsDontSet);
	}
}
