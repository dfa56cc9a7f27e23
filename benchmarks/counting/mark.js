/** Where a section of what is counted ends, and the next one begins. Native in counting-mark.c. */
export function mark() @ "xs_counting_mark";
