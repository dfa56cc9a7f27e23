export function write(address: number): void;
export function read(address: number): number;
export function call(address: number): void;
export function recurse(): number;
export function exhaust(): number;
