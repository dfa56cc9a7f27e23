/* A conversation with npm's ws. */
import { converse } from "./conversation";

converse();
