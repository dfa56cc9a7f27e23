/*
 * The engine's table of optional features, as the SDK's linker leaves it for a device, and one of them mended.
 */
#include "xsAll.h"

/*
 * Notes where an Error is made: for each frame a key slot with the name of the function, its module and its line.
 *
 * The engine's own takes the description of a symbol, for a function like [Symbol.replace], for a string of the heap.
 * In a clone that description lies in flash, and the next collection would write to it. Otherwise this does the same.
 */
static void defaults_name_frame(txMachine *the, txSlot *slot, txSlot *function)
{
	txSlot *name = mxBehaviorGetProperty(the, function, mxID(_name), 0, XS_OWN);
	if (name && ((name->kind == XS_STRING_KIND) || (name->kind == XS_STRING_X_KIND))) {
		slot->kind = name->kind == XS_STRING_X_KIND ? XS_KEY_X_KIND : XS_KEY_KIND;
		slot->value.key.string = name->value.string;
		return;
	}
	txID id = mxFunctionInstanceCode(function)->ID;
	txSlot *key = id != XS_NO_ID ? fxGetKey(the, id) : C_NULL;
	if (key) {
		slot->kind = (key->kind == XS_KEY_X_KIND) || (key->kind == XS_STRING_X_KIND) ? XS_KEY_X_KIND : XS_KEY_KIND;
		slot->value.key.string = key->value.key.string;
	}
}

static void defaults_capture_error_stack(txMachine *the, txSlot *internal, txSlot *frame)
{
	txSlot *last = internal->value.reference = fxNewSlot(the);
	last->kind = XS_INSTANCE_KIND;
	last->value.instance.garbage = C_NULL;
	last->value.instance.prototype = C_NULL;
	for (; frame->next; frame = frame->next) {
		txSlot *function = frame + 3;
		if ((function->kind != XS_REFERENCE_KIND) || !mxIsFunction(function->value.reference))
			continue;
		txSlot *environment = mxFrameToEnvironment(frame);
		last = last->next = fxNewSlot(the);
		last->flag = XS_GET_ONLY;
		last->kind = XS_KEY_X_KIND;
		last->ID = environment->ID;
		last->value.key.string = C_NULL;
		last->value.key.sum = (txU4)environment->value.environment.line;
		defaults_name_frame(the, last, function->value.reference);
	}
}

/*
 * Sets a private field. The interpreter calls this without having saved its stack pointer, so a collection in here, while
 * the instance gets its copy, would miss the value that is about to be set.
 */
static txSlot *defaults_set_private_property(txMachine *the, txSlot *instance, txSlot *check, txID id)
{
	txBoolean collects = the->collectFlag;
	the->collectFlag &= ~XS_COLLECTING_FLAG;
	txSlot *property = fxSetPrivateProperty(the, instance, check, id);
	the->collectFlag = collects;
	return property;
}

#define fxCaptureErrorStack defaults_capture_error_stack
#define fxSetPrivateProperty defaults_set_private_property
/* Functions made by an app carry neither `length` nor `name`. */
#define fxNewFunctionLength C_NULL
#define fxNewFunctionName C_NULL
#include "xsDefaults.c"
