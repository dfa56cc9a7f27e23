/* A conversation of 5.0, cut at every byte: see cut.ts. */
import { declare } from "./cut";

declare(5);
