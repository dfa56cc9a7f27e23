/* A conversation with Python's websockets. */
import { converse } from "./conversation";

converse();
