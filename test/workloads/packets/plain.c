#define _GNU_SOURCE
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>
#include "packets.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

/* Of a message that is fragmented. */
#define LARGE 4096

static int finish(int fd, int failed)
{
	int error = failed ? errno : 0;

	close(fd);
	return error;
}

static int open_socket(const char *text, union address *address, socklen_t *length, int type)
{
	*length = parse(text, address);
	return socket(address->any.sa_family, type, 0);
}

static int message(void)
{
	union address address;
	socklen_t length;
	int fd = open_socket(to, &address, &length, SOCK_DGRAM);

	return finish(fd, sendto(fd, MARK, MARK_SIZE, 0, &address.any, length) < 0);
}

/* A socket of IPv6 that sends to an IPv4 address. */
static int mapped(void)
{
	union address address;
	char text[64] = "::ffff:";
	socklen_t length;
	int fd;

	strcat(text, to);
	fd = open_socket(text, &address, &length, SOCK_DGRAM);
	return finish(fd, sendto(fd, MARK, MARK_SIZE, 0, &address.any, length) < 0);
}

static int large(void)
{
	char data[LARGE];
	union address address;
	socklen_t length;
	int fd = open_socket(to, &address, &length, SOCK_DGRAM);

	for (size_t at = 0; at < sizeof(data); at += MARK_SIZE)
		memcpy(data + at, MARK, MARK_SIZE);
	return finish(fd, sendto(fd, data, sizeof(data), 0, &address.any, length) < 0);
}

/* Several messages in one packet, which the device or the kernel takes apart. */
static int segments(void)
{
	char data[4 * MARK_SIZE];
	union address address;
	socklen_t length;
	int fd = open_socket(to, &address, &length, SOCK_DGRAM), size = MARK_SIZE;

	for (size_t at = 0; at < sizeof(data); at += MARK_SIZE)
		memcpy(data + at, MARK, MARK_SIZE);
	if (setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)) < 0)
		return finish(fd, 1);
	return finish(fd, sendto(fd, data, sizeof(data), 0, &address.any, length) < 0);
}

/* Requests a connection. Its socket stays open, so that it can be established later. */
static int connection(void)
{
	union address address;
	socklen_t length;
	int fd = open_socket(to, &address, &length, SOCK_STREAM | SOCK_NONBLOCK);

	return connect(fd, &address.any, length) < 0 && errno != EINPROGRESS ? errno : 0;
}

/* A connection that exists before the start. */
static int connected;

static int connect_now(int type)
{
	union address address;
	socklen_t length;
	int one = 1;

	connected = open_socket(to, &address, &length, type);
	if (connect(connected, &address.any, length) < 0)
		return errno;
	if (type != SOCK_STREAM)
		return 0;
	setsockopt(connected, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	take_connection();
	return 0;
}

static int connect_udp(void)
{
	return connect_now(SOCK_DGRAM);
}

static int connect_tcp(void)
{
	return connect_now(SOCK_STREAM);
}

static int on_connected(void)
{
	return send(connected, MARK, MARK_SIZE, 0) < 0 ? errno : 0;
}

const struct sender plain_senders[] = {
	{ "message", 0, message },
	{ "mapped", 0, mapped },
	{ "large", 0, large },
	{ "segments", 0, segments },
	{ "connection", 0, connection },
	{ "connected", connect_udp, on_connected },
	{ "established", connect_tcp, on_connected },
	{ 0 },
};
