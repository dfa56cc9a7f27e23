/*
 * Turns the root machine into constant data, as the SDK's linker does for flash, so that a clone can run on top of it.
 *
 * A clone never writes to the root. What an app may still change of it (a property of a preloaded object, a variable of
 * a preloaded module) it changes in an alias: instances and closure variables that are not constant get a number here,
 * and a clone keeps its copy of number n in aliasArray[n]. Everything else is made constant: functions and their
 * prototypes, the intrinsic objects, and instances that the engine can't alias (buffers, maps, promises, …). On a device
 * the same assignments throw a TypeError for the same reason.
 *
 * The slots also stop pointing into chunks that a collection might move: strings, code, keys and big integers become
 * their X kinds, which a collector leaves alone.
 */
#include "xsAll.h"

#include "failure.h"

typedef void (*freeze_visit)(txMachine *the, txSlot *slot);

/* Slots on the free list carry the mark while a pass runs, so that they are not taken for values. */
static void freeze_each_slot(txMachine *the, freeze_visit visit)
{
	for (txSlot *heap = the->firstHeap; heap; heap = heap->next) {
		for (txSlot *slot = heap + 1; slot < heap->value.reference; slot++) {
			if (!(slot->flag & XS_MARK_FLAG))
				visit(the, slot);
		}
	}
}

static void freeze_property(txSlot *property)
{
	if (property->kind != XS_ACCESSOR_KIND)
		property->flag |= XS_DONT_SET_FLAG;
	property->flag |= XS_DONT_DELETE_FLAG;
}

static void freeze_instance(txSlot *instance)
{
	for (txSlot *property = instance->next; property; property = property->next)
		freeze_property(property);
	instance->flag |= XS_DONT_PATCH_FLAG;
}

static txBoolean freeze_is_function(const txSlot *internal)
{
	switch (internal->kind) {
	case XS_CALLBACK_KIND:
	case XS_CALLBACK_X_KIND:
	case XS_CODE_KIND:
	case XS_CODE_X_KIND:
		return 1;
	default:
		return 0;
	}
}

static void freeze_function(txMachine *the, txSlot *function)
{
	freeze_instance(function);
	if (function->flag & XS_CAN_CONSTRUCT_FLAG) {
		for (txSlot *property = function->next; property; property = property->next) {
			if ((property->ID == mxID(_prototype)) && (property->kind == XS_REFERENCE_KIND)) {
				freeze_instance(property->value.reference);
				break;
			}
		}
	}
}

/* Pass 1: what is constant by its nature. The first property of an exotic instance is internal and tells its nature. */
static void freeze_constant(txMachine *the, txSlot *slot)
{
	if (slot->kind != XS_INSTANCE_KIND)
		return;
	txSlot *internal = slot->next;
	if (!internal || !(internal->flag & XS_INTERNAL_FLAG))
		return;
	if (internal->ID == XS_ENVIRONMENT_BEHAVIOR) {
		freeze_instance(slot);
		return;
	}
	if (freeze_is_function(internal)) {
		freeze_function(the, slot);
		return;
	}
	switch (internal->kind) {
	case XS_ARRAY_BUFFER_KIND:
	case XS_DATA_VIEW_KIND:
	case XS_MAP_KIND:
	case XS_PROXY_KIND:
	case XS_REGEXP_KIND:
	case XS_SET_KIND:
	case XS_TYPED_ARRAY_KIND:
	case XS_WEAK_MAP_KIND:
	case XS_WEAK_REF_KIND:
	case XS_WEAK_SET_KIND:
		freeze_instance(slot);
		break;
	case XS_CLOSURE_KIND:
		if (internal->value.closure->kind == XS_FINALIZATION_REGISTRY_KIND)
			freeze_instance(slot);
		break;
	case XS_PROMISE_KIND:
		freeze_instance(slot);
		freeze_instance(internal->next->value.reference); /* its reactions */
		break;
	default:
		break;
	}
}

/* The engine counts aliases in a txID. */
static txID freeze_new_alias(txMachine *the)
{
	if (the->aliasCount == (txID)-1)
		fxAbort(the, XS_NO_MORE_KEYS_EXIT);
	return the->aliasCount++;
}

static txBoolean freeze_is_constant_property(const txSlot *property)
{
	return (property->flag & XS_DONT_DELETE_FLAG) &&
		   ((property->kind == XS_ACCESSOR_KIND) || (property->flag & XS_DONT_SET_FLAG));
}

static txBoolean freeze_is_constant_instance(txMachine *the, txSlot *instance)
{
	if (!(instance->flag & XS_DONT_PATCH_FLAG))
		return 0;
	txSlot *property = instance->next;
	for (; property && (property->flag & XS_INTERNAL_FLAG); property = property->next) {
		if (property->kind == XS_ARRAY_KIND) {
			const txSlot *item = property->value.array.address;
			for (txIndex count = fxGetIndexSize(the, property); count > 0; count--, item++) {
				if (!freeze_is_constant_property(item))
					return 0;
			}
		}
	}
	for (; property; property = property->next) {
		if (!freeze_is_constant_property(property))
			return 0;
	}
	return 1;
}

/* The contents of a constant instance: no add to a map, no write through a view, no set of a private field. */
static void freeze_contents(txSlot *instance)
{
	for (txSlot *property = instance->next; property && (property->flag & XS_INTERNAL_FLAG); property = property->next) {
		switch (property->kind) {
		case XS_ARRAY_BUFFER_KIND:
		case XS_DATE_KIND:
		case XS_MAP_KIND:
		case XS_REGEXP_KIND:
		case XS_SET_KIND:
		case XS_WEAK_MAP_KIND:
		case XS_WEAK_SET_KIND:
			property->flag |= XS_DONT_SET_FLAG;
			break;
		case XS_PRIVATE_KIND:
			for (txSlot *field = property->value.private.first; field; field = field->next)
				freeze_property(field);
			break;
		default:
			break;
		}
	}
}

/* Pass 2: an instance is constant, or has a number. */
static void freeze_number_instance(txMachine *the, txSlot *slot)
{
	if (slot->kind != XS_INSTANCE_KIND)
		return;
	if (freeze_is_constant_instance(the, slot)) {
		slot->ID = XS_NO_ID;
		freeze_contents(slot);
	}
	else
		slot->ID = freeze_new_alias(the);
}

/* Pass 3: a closure's variable is constant, or has a number. Variables that hold functions are constant: nobody
 * reassigns a function or a class that a module declares, and each alias would cost the clone a slot. */
static void freeze_number_closure(txMachine *the, txSlot *slot)
{
	if (slot->kind != XS_CLOSURE_KIND)
		return;
	txSlot *variable = slot->value.closure;
	if (variable->kind == XS_HOST_FUNCTION_KIND)
		variable->flag |= XS_DONT_SET_FLAG;
	else if (variable->kind == XS_REFERENCE_KIND) {
		const txSlot *internal = variable->value.reference->next;
		if (internal && freeze_is_function(internal))
			variable->flag |= XS_DONT_SET_FLAG;
	}
	if (variable->flag & XS_DONT_SET_FLAG) {
		if (variable->ID != XS_NO_ID)
			variable->flag |= XS_DONT_DELETE_FLAG;
	}
	else {
		if (variable->ID == XS_NO_ID)
			variable->ID = freeze_new_alias(the);
		slot->flag &= (txFlag)~XS_DONT_SET_FLAG;
	}
}

static void freeze_kind(txSlot *slot)
{
	switch (slot->kind) {
	case XS_BIGINT_KIND:
		slot->kind = XS_BIGINT_X_KIND;
		break;
	case XS_CODE_KIND:
		slot->kind = XS_CODE_X_KIND;
		break;
	case XS_KEY_KIND:
		slot->kind = XS_KEY_X_KIND;
		break;
	case XS_STRING_KIND:
		slot->kind = XS_STRING_X_KIND;
		break;
	case XS_REGEXP_KIND:
		/* The scratch memory of a match: without it, each match in a clone takes its own. */
		slot->value.regexp.data = C_NULL;
		break;
	default:
		break;
	}
}

/* Natives cannot be called while modules are preloaded, so only a SharedArrayBuffer has memory of the host's. */
static void freeze_refuse(const txSlot *slot)
{
	if ((slot->kind == XS_HOST_KIND) && slot->value.host.data)
		failure("a preloaded module made a SharedArrayBuffer, whose bytes do not lie in flash: make it in a module that is not "
				"preloaded");
}

/* Pass 4: no slot points into a chunk that may move, and a collector never enters the root. */
static void freeze_close(txMachine *the, txSlot *slot)
{
	freeze_refuse(slot);
	if (slot->kind == XS_ARRAY_KIND) {
		txSlot *item = slot->value.array.address;
		for (txIndex count = item ? fxGetIndexSize(the, slot) : 0; count > 0; count--, item++)
			freeze_kind(item);
	}
	freeze_kind(slot);
}

static void freeze_intrinsics(txMachine *the)
{
	for (txSlot *slot = the->stack; slot < the->stackTop; slot++) {
		/* The global object stays open: an app's own globals shadow its properties. */
		if ((slot->kind == XS_REFERENCE_KIND) && (slot != &mxGlobal))
			freeze_instance(slot->value.reference);
	}
}

/* The root's global object finds its properties through a table in a chunk, which it fills by need: neither fits a
 * constant. Without the table it is an ordinary object, as the SDK's linker makes it. */
static void freeze_global(txMachine *the)
{
	txSlot *instance = mxGlobal.value.reference;
	txSlot *table = instance->next;
	if (table && (table->kind == XS_GLOBAL_KIND)) {
		instance->flag &= (txFlag)~XS_EXOTIC_FLAG;
		instance->next = table->next;
	}
}

/* Called by the engine's fxShareMachine, after its last collection. */
void fxShare(txMachine *the)
{
	for (txSlot *slot = the->freeHeap; slot; slot = slot->next)
		slot->flag |= XS_MARK_FLAG;
	freeze_global(the);
	freeze_intrinsics(the);
	freeze_each_slot(the, freeze_constant);
	the->aliasCount = 1; /* 0 says: no alias */
	freeze_each_slot(the, freeze_number_instance);
	freeze_each_slot(the, freeze_number_closure);
	freeze_each_slot(the, freeze_close);
	for (txSlot *slot = the->stack; slot < the->stackTop; slot++)
		freeze_kind(slot);
	for (txSlot *heap = the->firstHeap; heap; heap = heap->next) {
		for (txSlot *slot = heap + 1; slot < heap->value.reference; slot++)
			slot->flag |= XS_MARK_FLAG;
	}
}
