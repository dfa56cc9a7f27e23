/** Where a section of what is counted ends, and the next one begins. Does nothing, but an emulator that counts sees it. */
export function mark(): void;
