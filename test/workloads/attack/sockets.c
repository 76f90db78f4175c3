#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "attack.h"

/* Attempts to reach a socket of the worker, or to get a socket. */

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_un local;
};

static union address peer;
static socklen_t peer_size;
static int own_socket = -1;

/* Opens the socket of the worker, which listens if it is of a type with connections. */
static void open_socket(int family, int type)
{
	if (own_socket >= 0)
		return;
	own_socket = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	peer.any.sa_family = family;
	peer_size = sizeof(peer.v4);
	if (family == AF_INET)
		peer.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else /* An abstract address: the kernel chooses one for a socket that binds without. */
		peer_size = sizeof(sa_family_t);
	if (own_socket < 0 || bind(own_socket, &peer.any, peer_size) < 0)
		_exit(3);
	peer_size = sizeof(peer);
	getsockname(own_socket, &peer.any, &peer_size);
	if (type == SOCK_STREAM && listen(own_socket, 64) < 0)
		_exit(3);
}

static void open_tcp(void)
{
	open_socket(AF_INET, SOCK_STREAM);
}

static void open_udp(void)
{
	open_socket(AF_INET, SOCK_DGRAM);
}

static void open_unix(void)
{
	open_socket(AF_UNIX, SOCK_STREAM);
}

static int has_connection(void)
{
	int fd = accept(own_socket, 0, 0);

	if (fd < 0)
		return 0;
	close(fd);
	return 1;
}

static int has_message(void)
{
	char byte;

	return recv(own_socket, &byte, 1, MSG_DONTWAIT) == 1;
}

/*
 * Connects a new socket to that of the worker. That of the worker has the connection a moment after
 * this returns, so both are asked.
 */
static int by_connect(volatile char *byte)
{
	int fd = socket(peer.any.sa_family, SOCK_STREAM, 0), error = 0;

	if (fd < 0)
		return errno;
	if (connect(fd, &peer.any, peer_size) < 0)
		error = errno;
	else
		*byte = 'c';
	close(fd);
	return error;
}

static int by_sendto(volatile char *byte)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), error = 0;

	if (fd < 0)
		return errno;
	if (sendto(fd, "s", 1, 0, &peer.any, peer_size) < 0)
		error = errno;
	else
		*byte = 's';
	close(fd);
	return error;
}

static int by_listen(volatile char *byte)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), error = 0;

	if (fd < 0)
		return errno;
	if (listen(fd, 1) < 0)
		error = errno;
	else
		*byte = 'l';
	close(fd);
	return error;
}

static int by_socket(int family, int type, int protocol, volatile char *byte)
{
	int fd = socket(family, type, protocol);

	if (fd < 0)
		return errno;
	*byte = 's';
	close(fd);
	return 0;
}

static int raw(volatile char *byte)
{
	return by_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP, byte);
}

static int packet(volatile char *byte)
{
	return by_socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL), byte);
}

const struct operation socket_operations[] = {
	{ "connect-own", by_connect, open_tcp, has_connection },
	{ "connect-unix", by_connect, open_unix, has_connection },
	{ "sendto", by_sendto, open_udp, has_message },
	{ "listen", by_listen, 0, 0 },
	{ "raw", raw, 0, 0 },
	{ "packet", packet, 0, 0 },
	{ 0 },
};
