/* A conversation with libwebsockets. */
import { converse } from "./conversation";

converse();
