#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "attack.h"

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* The address of the port on this host. Returns its length. */
static socklen_t loopback(int family, union address *address)
{
	in_port_t port = htons(atoi(target));

	memset(address, 0, sizeof(*address));
	if (family == AF_INET) {
		address->v4.sin_family = AF_INET;
		address->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		address->v4.sin_port = port;
		return sizeof(address->v4);
	}
	address->v6.sin6_family = AF_INET6;
	address->v6.sin6_addr = in6addr_loopback;
	address->v6.sin6_port = port;
	return sizeof(address->v6);
}

typedef int use(int fd, const union address *to, socklen_t length);

/* Uses an address with a new socket; `then` is a byte to send, or 0. */
static int with_socket(int family, int type, use *use, char then, volatile char *byte)
{
	union address address;
	socklen_t length = loopback(family, &address);
	int fd = socket(family, type | SOCK_CLOEXEC, 0), error = 0, one = 1;

	if (fd < 0)
		return errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	if (use(fd, &address, length) < 0 || (then && send(fd, &then, 1, 0) < 0))
		error = errno;
	else
		*byte = 'n';
	close(fd);
	return error;
}

static int by_call(int fd, const union address *to, socklen_t length)
{
	return connect(fd, &to->any, length);
}

/* Connects to an IPv4 address by its IPv6 form. */
static int by_mapped(int fd, const union address *to, socklen_t length)
{
	struct sockaddr_in6 mapped = to->v6;

	inet_pton(AF_INET6, "::ffff:127.0.0.1", &mapped.sin6_addr);
	return connect(fd, (struct sockaddr *)&mapped, length);
}

static int by_uring(int fd, const union address *to, socklen_t length)
{
	struct io_uring_sqe request = {
		.opcode = IORING_OP_CONNECT,
		.fd = fd,
		.addr = (unsigned long)to,
		.off = length,
	};

	return by_ring(&request);
}

static int by_fast_open(int fd, const union address *to, socklen_t length)
{
	return sendto(fd, "f", 1, MSG_FASTOPEN, &to->any, length);
}

static int by_message(int fd, const union address *to, socklen_t length)
{
	return sendto(fd, "m", 1, 0, &to->any, length);
}

/* Sends to an IPv4 address by its IPv6 form. */
static int by_mapped_message(int fd, const union address *to, socklen_t length)
{
	union address mapped = *to;

	inet_pton(AF_INET6, "::ffff:127.0.0.1", &mapped.v6.sin6_addr);
	return by_message(fd, &mapped, length);
}

/* The kernel takes an address without a family for one of IPv4. */
static int by_unspecified(int fd, const union address *to, socklen_t length)
{
	union address unspecified = *to;

	unspecified.any.sa_family = AF_UNSPEC;
	return by_message(fd, &unspecified, length);
}

static struct msghdr message_to(const union address *to, socklen_t length, struct iovec *data)
{
	return (struct msghdr){
		.msg_name = (void *)to, .msg_namelen = length, .msg_iov = data, .msg_iovlen = 1,
	};
}

static int by_sendmmsg(int fd, const union address *to, socklen_t length)
{
	struct iovec data = { "m", 1 };
	struct mmsghdr messages[] = {
		{ .msg_hdr = message_to(to, length, &data) },
		{ .msg_hdr = message_to(to, length, &data) },
	};

	return sendmmsg(fd, messages, 2, 0);
}

static int by_uring_message(int fd, const union address *to, socklen_t length)
{
	struct iovec data = { "m", 1 };
	struct msghdr message = message_to(to, length, &data);
	struct io_uring_sqe request = {
		.opcode = IORING_OP_SENDMSG, .fd = fd, .addr = (unsigned long)&message, .len = 1,
	};

	return by_ring(&request);
}

/* Sends a message with an option to the address that the socket is connected to. */
static int by_connection(int fd, const union address *to, socklen_t length)
{
	struct iovec data = { "m", 1 };
	struct msghdr message = message_to(0, 0, &data);
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .header = { CMSG_LEN(sizeof(int)), IPPROTO_IP, IP_TTL } };
	int hops = 3;

	memcpy(CMSG_DATA(&control.header), &hops, sizeof(hops));
	message.msg_control = &control;
	message.msg_controllen = sizeof(control);
	if (connect(fd, &to->any, length) < 0)
		return -1;
	return sendmsg(fd, &message, 0);
}

static int by_bind(int fd, const union address *to, socklen_t length)
{
	return bind(fd, &to->any, length);
}

static int connect4(volatile char *byte)
{
	return with_socket(AF_INET, SOCK_STREAM, by_call, 0, byte);
}

static int connect6(volatile char *byte)
{
	return with_socket(AF_INET6, SOCK_STREAM, by_call, 0, byte);
}

static int connect_mapped(volatile char *byte)
{
	return with_socket(AF_INET6, SOCK_STREAM, by_mapped, 0, byte);
}

static int connect_uring(volatile char *byte)
{
	return with_socket(AF_INET, SOCK_STREAM, by_uring, 0, byte);
}

static int fast_open(volatile char *byte)
{
	return with_socket(AF_INET, SOCK_STREAM, by_fast_open, 0, byte);
}

static int udp4(volatile char *byte)
{
	return with_socket(AF_INET, SOCK_DGRAM, by_call, 'u', byte);
}

static int udp6(volatile char *byte)
{
	return with_socket(AF_INET6, SOCK_DGRAM, by_call, 'u', byte);
}

static int message4(volatile char *byte)
{
	return with_socket(AF_INET, SOCK_DGRAM, by_message, 0, byte);
}

static int message6(volatile char *byte)
{
	return with_socket(AF_INET6, SOCK_DGRAM, by_message, 0, byte);
}

static int message_mapped(volatile char *byte)
{
	return with_socket(AF_INET6, SOCK_DGRAM, by_mapped_message, 0, byte);
}

static int message_unspec(volatile char *byte)
{
	return with_socket(AF_INET, SOCK_DGRAM, by_unspecified, 0, byte);
}

static int message_many(volatile char *byte)
{
	return with_socket(AF_INET, SOCK_DGRAM, by_sendmmsg, 0, byte);
}

static int message_uring(volatile char *byte)
{
	return with_socket(AF_INET, SOCK_DGRAM, by_uring_message, 0, byte);
}

static int message_connected(volatile char *byte)
{
	return with_socket(AF_INET, SOCK_DGRAM, by_connection, 0, byte);
}

static int bind4(volatile char *byte)
{
	return with_socket(AF_INET, SOCK_STREAM, by_bind, 0, byte);
}

static int bind6(volatile char *byte)
{
	return with_socket(AF_INET6, SOCK_DGRAM, by_bind, 0, byte);
}

const struct operation network_operations[] = {
	{ "connect4", connect4, 0, 0 },
	{ "connect6", connect6, 0, 0 },
	{ "connect-mapped", connect_mapped, 0, 0 },
	{ "connect-uring", connect_uring, 0, 0 },
	{ "fast-open", fast_open, 0, 0 },
	{ "udp4", udp4, 0, 0 },
	{ "udp6", udp6, 0, 0 },
	{ "message4", message4, 0, 0 },
	{ "message6", message6, 0, 0 },
	{ "message-mapped", message_mapped, 0, 0 },
	{ "message-unspec", message_unspec, 0, 0 },
	{ "message-many", message_many, 0, 0 },
	{ "message-uring", message_uring, 0, 0 },
	{ "message-connected", message_connected, 0, 0 },
	{ "bind4", bind4, 0, 0 },
	{ "bind6", bind6, 0, 0 },
	{ 0 },
};
