/* Included before the engine's xsType.c: what a file of ours defines again replaces what is weak there. */
#pragma weak fxAliasInstance /* alias.c */
