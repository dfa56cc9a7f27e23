#include "options.h"

bool options_get_port(xsMachine *the, uint16_t *port)
{
	xsmcGet(xsVar(0), xsArg(0), xsID("port"));
	if (xsmcTypeOf(xsVar(0)) == xsUndefinedType)
		return false;
	xsNumberValue value = xsmcToNumber(xsVar(0));
	if (!(value >= 0 && value <= 65535))
		xsRangeError("invalid port");
	*port = (uint16_t)value;
	return true;
}
