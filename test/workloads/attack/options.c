#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "attack.h"

/* Attempts to set options of sockets. */

/* Number of 32-bit programs: arch/x86/entry/syscalls/syscall_32.tbl */
#define I386_SETSOCKOPT 366
/* include/uapi/linux/io_uring.h */
#define OP_URING_CMD 46
#define OP_SETSOCKOPT 3
#define ROOM 16384

/* A loose source route (RFC 791) through this host, and the end of options. */
static const unsigned char route[] = { 131, 7, 4, 127, 0, 0, 1, 0 };

/* Sets the route by a function, and looks at the socket. */
static int with_socket(int (*set)(int fd), volatile char *byte)
{
	unsigned char options[sizeof(route)];
	socklen_t size = sizeof(options);
	int fd = socket(AF_INET, SOCK_DGRAM, 0), error = 0;

	if (fd < 0)
		return errno;
	if (set(fd) < 0)
		error = errno;
	if (getsockopt(fd, IPPROTO_IP, IP_OPTIONS, options, &size) == 0 && size > 0)
		*byte = 'r';
	close(fd);
	return error;
}

static int by_call(int fd)
{
	return setsockopt(fd, IPPROTO_IP, IP_OPTIONS, route, sizeof(route));
}

static int by_compat_call(int fd)
{
	return by_i386(I386_SETSOCKOPT, fd, IPPROTO_IP, IP_OPTIONS, (long)route, sizeof(route));
}

/* The request as Linux 6.7 knows it; headers may be older. */
static int by_command(int fd)
{
	union {
		struct io_uring_sqe entry;
		struct {
			uint8_t opcode, flags;
			uint16_t ioprio;
			int32_t fd;
			uint32_t operation, pad;
			uint32_t level, name;
			uint32_t unused[5];
			uint32_t length;
			uint64_t value;
		} command;
	} request;

	memset(&request, 0, sizeof(request));
	request.command.opcode = OP_URING_CMD;
	request.command.fd = fd;
	request.command.operation = OP_SETSOCKOPT;
	request.command.level = IPPROTO_IP;
	request.command.name = IP_OPTIONS;
	request.command.length = sizeof(route);
	request.command.value = (unsigned long)route;
	return by_ring(&request.entry);
}

static int route_call(volatile char *byte)
{
	return with_socket(by_call, byte);
}

static int route_i386(volatile char *byte)
{
	return with_socket(by_compat_call, byte);
}

static int route_uring(volatile char *byte)
{
	return with_socket(by_command, byte);
}

static int set_hops(int fd)
{
	int hops = 3;

	return setsockopt(fd, IPPROTO_IP, IP_TTL, &hops, sizeof(hops));
}

/* Another option of the same level. */
static int hops(volatile char *byte)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), error = 0, value = 0;
	socklen_t size = sizeof(value);

	if (set_hops(fd) < 0)
		error = errno;
	if (getsockopt(fd, IPPROTO_IP, IP_TTL, &value, &size) == 0 && value == 3)
		*byte = 'h';
	close(fd);
	return error;
}

/* An option of a Unix socket with a value that is longer than a page. */
static int long_option(volatile char *byte)
{
	static int value[ROOM / sizeof(int)] = { 1 };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0), error = 0, now = 0;
	socklen_t size = sizeof(now);

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, value, sizeof(value)) < 0)
		error = errno;
	if (getsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &now, &size) == 0 && now == 1)
		*byte = 'l';
	close(fd);
	return error;
}

/* An option whose value has an address: a filter that lets everything through. */
static int filter(volatile char *byte)
{
	struct sock_filter code = BPF_STMT(BPF_RET | BPF_K, 0xffff), found = { 0 };
	struct sock_fprog program = { .len = 1, .filter = &code };
	socklen_t size = 1;
	int fd = socket(AF_INET, SOCK_DGRAM, 0), error = 0;

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0)
		error = errno;
	if (getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, &found, &size) == 0 && found.k == code.k)
		*byte = 'f';
	close(fd);
	return error;
}

/* Sends a message with IP options (no operation) to a socket that gets them. */
static int message(volatile char *byte)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_DGRAM, 0), one = 1, error = 0;
	char text[] = "m";
	struct iovec data = { text, 1 };
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(4)];
	} control = { .header = { CMSG_LEN(4), IPPROTO_IP, IP_RETOPTS } };
	struct msghdr letter = {
		.msg_name = &address,	.msg_namelen = sizeof(address), .msg_iov = &data,
		.msg_iovlen = 1,	.msg_control = &control,	.msg_controllen = sizeof(control),
	};

	memset(CMSG_DATA(&control.header), 1, 4);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &size) < 0 ||
	    setsockopt(fd, IPPROTO_IP, IP_RECVOPTS, &one, sizeof(one)) < 0 ||
	    sendmsg(fd, &letter, 0) < 0 || (letter.msg_name = 0, recvmsg(fd, &letter, 0)) < 0)
		error = errno;
	else if (CMSG_FIRSTHDR(&letter) && CMSG_FIRSTHDR(&letter)->cmsg_type == IP_RECVOPTS)
		*byte = 'm';
	close(fd);
	return error;
}

const struct operation option_operations[] = {
	{ "route", route_call, 0, 0 },
	{ "route-i386", route_i386, 0, 0 },
	{ "route-uring", route_uring, 0, 0 },
	{ "options-message", message, 0, 0 },
	{ "hops", hops, 0, 0 },
	{ "long-option", long_option, 0, 0 },
	{ "filter", filter, 0, 0 },
	{ 0 },
};
