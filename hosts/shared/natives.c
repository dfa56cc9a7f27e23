#include "natives.h"

#include "failure.h"
#include "flash.h"

struct natives {
	txSize count;
	txHostFunctionBuilder *builders;
};

/* Address n of the host's range where nothing is stands in for native n: a call faults. */

typedef struct native {
	const char *name;
	txCallback function;
	txHostFunctionBuilder *builder;
} native;

static native *natives_all; /* while the firmware is built */
static txSize natives_count;

static txCallback natives_function(const char *specifier, const char *name)
{
	txCallback function = natives_lookup(name);
	if (!function)
		failure("module \"%s\": the device has no native \"%s\"", specifier, name);
	return function;
}

static txCallback natives_stand_in(native it)
{
	if (natives_count == NATIVES_MOST)
		failure("the modules name more than %d natives", NATIVES_MOST);
	if (!natives_all)
		natives_all = malloc(NATIVES_MOST * sizeof(native));
	if (!natives_all)
		failure("out of memory for the natives");
	natives_all[natives_count] = it;
	const char *address = natives_nowhere() + natives_count++;
	txCallback stand_in;
	memcpy(&stand_in, &address, sizeof(stand_in)); /* ISO C has no cast from object to function */
	return stand_in;
}

/* hostsBuffer: a count, and for each native its number of parameters (-1: a destructor), its ID and its C name. The
 * collector calls destructors while modules are preloaded, too, and they do nothing without data: they are real. */
const natives *natives_link(const char *specifier, txS1 *hosts_buffer, const txID *ids)
{
	txS1 *p = hosts_buffer;
	txID count;
	mxDecodeID(p, count);
	natives *result = flash_take(sizeof(natives));
	result->count = count;
	result->builders = flash_take((size_t)count * sizeof(txHostFunctionBuilder));
	for (txID i = 0; i < count; i++) {
		txHostFunctionBuilder *builder = result->builders + i;
		builder->length = *p++;
		txID id;
		mxDecodeID(p, id);
		builder->id = id != XS_NO_ID ? ids[id] : XS_NO_ID;
		const char *name = flash_copy_string((const char *)p);
		p += strlen(name) + 1;
		builder->callback = natives_function(specifier, name);
		if (builder->length >= 0)
			builder->callback = natives_stand_in((native){ .name = name, .function = builder->callback, .builder = builder });
	}
	return result;
}

static const natives *natives_loading;

void natives_of_module(const natives *of_module)
{
	natives_loading = of_module;
}

void natives_build(txMachine *the)
{
	fxBuildHosts(the, natives_loading->count, natives_loading->builders);
	mxPullSlot(mxResult);
}

static const native *natives_find(const void *address)
{
	if (!natives_all)
		return NULL;
	uintptr_t index = (uintptr_t)address - (uintptr_t)natives_nowhere();
	return index < (uintptr_t)natives_count ? natives_all + index : NULL;
}

const char *natives_name_of(const void *address)
{
	const native *found = natives_find(address);
	return found ? found->name : NULL;
}

void natives_connect(txMachine *root)
{
	for (txSize i = 0; i < natives_count; i++)
		natives_all[i].builder->callback = natives_all[i].function;
	for (txSlot *heap = root->firstHeap; heap; heap = heap->next) {
		for (txSlot *slot = heap + 1; slot < heap->value.reference; slot++) {
			if (slot->kind != XS_CALLBACK_KIND && slot->kind != XS_CALLBACK_X_KIND)
				continue;
			const void *address;
			memcpy(&address, &slot->value.callback.address, sizeof(address));
			const native *found = natives_find(address);
			if (found)
				slot->value.callback.address = found->function;
		}
	}
}
