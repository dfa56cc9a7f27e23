/** What an app's C can do wrong. */
export function write(address) @ "xs_fault_write";
export function read(address) @ "xs_fault_read";
export function call(address) @ "xs_fault_call";
export function recurse() @ "xs_fault_recurse";
export function exhaust() @ "xs_fault_exhaust";
