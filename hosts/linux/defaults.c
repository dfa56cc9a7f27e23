/*
 * The engine's table of optional features, with what the SDK's linker strips: on a device, functions made by an app
 * carry neither `length` nor `name`.
 */
#include "xsAll.h"

#define fxNewFunctionLength C_NULL
#define fxNewFunctionName C_NULL
#include "xsDefaults.c"
