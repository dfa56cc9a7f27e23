/** The SDK's `instrumentation`: figures of the running device. Natives in hosts/shared/modules/instrumentation.c. */
export default class Instrumentation {
	static get(index) @ "xs_instrumentation_get";
	static map(name) @ "xs_instrumentation_map";
	static name(index) @ "xs_instrumentation_name";
}
