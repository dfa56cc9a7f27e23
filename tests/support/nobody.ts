/** Where nobody listens: tcpmux's, of 1988. A port that was free a moment ago may be another test's by now. */
export const NOBODY_PORT = 1;
