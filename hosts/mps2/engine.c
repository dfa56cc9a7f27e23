/*
 * What the engine asks of its platform, and a board has its own answer to.
 */
#include "xsAll.h"

#include "maker.h"
#include "startup.h"

/* Recursion in the engine's C ends in an error here, before the stack does. */
#define ENGINE_STACK_RESERVE 768

char *fxCStackLimit(void)
{
	const uint8_t *here = __builtin_frame_address(0);
	return (char *)(here < board_stack_top ? board_stack : maker_stack) + ENGINE_STACK_RESERVE;
}

/* As in most firmwares of the SDK, the parser is not part of it. */
txScript *fxParseScript(txMachine *the, void *stream, txGetter getter, txUnsigned flags)
{
	(void)stream;
	(void)getter;
	(void)flags;
	mxSyntaxError("this firmware has no parser: no eval, no new Function");
	return NULL;
}
