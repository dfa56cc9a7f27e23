/* The class under the standard's own name, "embedded:network/websocket/client". */
export { default } from "websocket-client";
