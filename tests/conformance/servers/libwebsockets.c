/* libwebsockets as a server that sends back what it gets: at /fragments in fragments of 1000 bytes. Prints its port. */
#include <libwebsockets.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FRAGMENT = 1000, LONGEST = 1 << 20 };

typedef struct {
	/* LWS_PRE bytes for the library, then the message. */
	unsigned char *buffer;
	size_t length;
	/* Of it, how much went back. */
	size_t sent;
	bool binary;
	bool whole;
	bool fragments;
} Session;

static int receive(struct lws *wsi, Session *session, const void *in, size_t length)
{
	if (session->length + length > LONGEST)
		return -1;
	memcpy(session->buffer + LWS_PRE + session->length, in, length);
	session->length += length;
	session->binary = lws_frame_is_binary(wsi) != 0;
	session->whole = lws_is_final_fragment(wsi) && lws_remaining_packet_payload(wsi) == 0;
	if (session->whole) {
		/* The next message waits until this one is gone. */
		lws_rx_flow_control(wsi, 0);
		lws_callback_on_writable(wsi);
	}
	return 0;
}

static int send_back(struct lws *wsi, Session *session)
{
	if (!session->whole)
		return 0;
	size_t rest = session->length - session->sent;
	size_t count = session->fragments && rest > FRAGMENT ? FRAGMENT : rest;
	bool first = session->sent == 0;
	bool last = count == rest;
	int flags = lws_write_ws_flags(session->binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT, first, last);
	/* The library writes its header before the payload: over what went back already. */
	if (lws_write(wsi, session->buffer + LWS_PRE + session->sent, count, flags) < (int)count)
		return -1;
	session->sent += count;
	if (last) {
		session->length = session->sent = 0;
		session->whole = false;
		lws_rx_flow_control(wsi, 1);
	}
	else {
		lws_callback_on_writable(wsi);
	}
	return 0;
}

static int echo(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t length)
{
	Session *session = user;
	char path[32];
	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED:
		memset(session, 0, sizeof *session);
		session->buffer = malloc(LWS_PRE + LONGEST);
		session->fragments = lws_hdr_copy(wsi, path, sizeof path, WSI_TOKEN_GET_URI) > 0 && strcmp(path, "/fragments") == 0;
		return session->buffer ? 0 : -1;
	case LWS_CALLBACK_RECEIVE:
		return receive(wsi, session, in, length);
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return send_back(wsi, session);
	case LWS_CALLBACK_CLOSED:
		free(session->buffer);
		return 0;
	default:
		return lws_callback_http_dummy(wsi, reason, user, in, length);
	}
}

int main(void)
{
	static const struct lws_protocols protocols[] = {
		{ .name = "echo", .callback = echo, .per_session_data_size = sizeof(Session), .rx_buffer_size = 4096 },
		{ .name = NULL },
	};
	struct lws_context_creation_info info = {
		.iface = "127.0.0.1",
		.protocols = protocols,
		.options = LWS_SERVER_OPTION_VALIDATE_UTF8 | LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
		.gid = -1,
		.uid = -1,
	};
	lws_set_log_level(LLL_ERR, NULL);
	struct lws_context *context = lws_create_context(&info);
	struct lws_vhost *host = context ? lws_create_vhost(context, &info) : NULL;
	if (!host)
		return 1;
	printf("%d\n", lws_get_vhost_listen_port(host));
	fflush(stdout);
	while (lws_service(context, 0) >= 0) {
	}
	lws_context_destroy(context);
	return 0;
}
