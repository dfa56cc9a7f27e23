/* A conversation with nginx, as a reverse proxy in front of npm's ws. */
import { converse } from "./conversation";

converse();
