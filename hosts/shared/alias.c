/*
 * A clone's own copy of an instance of the root, made at its first change: the engine's function of this name, mended.
 *
 * The engine's copies the slot of an array, or of private fields, while it still points into flash, and then allocates
 * the rest of the copy. If that allocation collects, the collector writes to the flash. Here what a collector would
 * follow is there before the slot says so. weak.h makes way for this definition.
 */
#include "xsAll.h"

static void alias_array(txMachine *the, txSlot *to, const txSlot *from)
{
	const txSlot *items = from->value.array.address;
	txSlot *copy = C_NULL;
	if (items) {
		txSize size = ((const txChunk *)((const txByte *)items - sizeof(txChunk)))->size / (txSize)sizeof(txSlot);
		copy = fxNewChunk(the, size * (txSize)sizeof(txSlot));
		c_memcpy(copy, items, (size_t)size * sizeof(txSlot));
		for (txSlot *item = copy; item < copy + size; item++)
			item->flag &= (txFlag)~XS_MARK_FLAG;
	}
	to->value.array = from->value.array;
	to->value.array.address = copy;
}

/* The list of private fields grows from empty, so that it never holds a slot of the root. */
static void alias_private(txMachine *the, txSlot *to, const txSlot *from)
{
	to->value.private = from->value.private;
	to->value.private.first = C_NULL;
	to->kind = XS_PRIVATE_KIND;
	txSlot **end = &to->value.private.first;
	for (txSlot *field = from->value.private.first; field; field = field->next) {
		*end = fxDuplicateSlot(the, field);
		end = &(*end)->next;
	}
}

static void alias_property(txMachine *the, txSlot *to, const txSlot *from)
{
	to->ID = from->ID;
	to->flag = from->flag & (txFlag)~XS_MARK_FLAG;
	switch (from->kind) {
	case XS_ARRAY_KIND:
		alias_array(the, to, from);
		break;
	case XS_DATE_KIND:
		to->flag &= (txFlag)~XS_DONT_SET_FLAG;
		to->value = from->value;
		break;
	case XS_PRIVATE_KIND:
		alias_private(the, to, from);
		break;
	default:
		to->value = from->value;
		break;
	}
	to->kind = from->kind;
}

txSlot *fxAliasInstance(txMachine *the, txSlot *instance)
{
	txSlot *alias = the->aliasArray[instance->ID] = fxNewSlot(the);
	alias->flag = instance->flag & (txFlag) ~(XS_MARK_FLAG | XS_DONT_MARSHALL_FLAG);
	alias->kind = XS_INSTANCE_KIND;
	alias->value.instance = instance->value.instance;
	txSlot *to = alias;
	for (const txSlot *from = instance->next; from; from = from->next) {
		to = to->next = fxNewSlot(the);
		alias_property(the, to, from);
	}
	return alias;
}
