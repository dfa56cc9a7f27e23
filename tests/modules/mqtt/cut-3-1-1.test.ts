/* A conversation of 3.1.1, cut at every byte: see cut.ts. */
import { declare } from "./cut";

declare(4);
