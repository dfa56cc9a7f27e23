/*
 * The SDK's `Resource`: a file that the manifest lists in `data` or `resources`, in flash; see resource.c.
 */
export default class Resource @ "xs_resource_destructor" {
	constructor(path) @ "xs_resource";
	static exists(path) @ "xs_resource_exists";

	get byteLength() @ "xs_resource_get_byteLength";
	slice(begin, end, copy) @ "xs_resource_slice";
}
