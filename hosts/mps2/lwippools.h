/*
 * Pools of ours among lwIP's, each with its line in the report. lwIP includes this more than once.
 */
LWIP_MEMPOOL(STREAM, NETWORK_STREAMS, NETWORK_STREAM_BYTES, "STREAM")
