#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "attack.h"

/* Attempts to create sockets in unusual ways. */

/* Numbers of 32-bit programs: arch/x86/entry/syscalls/syscall_32.tbl, include/uapi/linux/net.h */
#define I386_SOCKETCALL 102
#define I386_SOCKET 359
#define SYS_SOCKET 1

static int created(int fd, volatile char *byte)
{
	if (fd < 0)
		return errno;
	*byte = 's';
	close(fd);
	return 0;
}

static int raw6(volatile char *byte)
{
	return created(socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6), byte);
}

static int raw_any(volatile char *byte)
{
	return created(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW), byte);
}

static int raw_uring(volatile char *byte)
{
	struct io_uring_sqe request = {
		.opcode = IORING_OP_SOCKET, .fd = AF_INET, .off = SOCK_RAW, .len = IPPROTO_ICMP,
	};

	return created(by_ring(&request), byte);
}

static int raw_i386(volatile char *byte)
{
	return created(by_i386(I386_SOCKET, AF_INET, SOCK_RAW, IPPROTO_ICMP, 0, 0), byte);
}

static int raw_socketcall(volatile char *byte)
{
	/* 32-bit programs pass an address: this one is low, since the program is static. */
	static const int words[] = { AF_INET, SOCK_RAW, IPPROTO_ICMP };

	return created(by_i386(I386_SOCKETCALL, SYS_SOCKET, (long)words, 0, 0, 0), byte);
}

/* Allows ping sockets to all, in a network namespace of the worker. */
static void allow_ping(void)
{
	static int is_done;
	int fd;

	if (is_done)
		return;
	if (unshare(CLONE_NEWNET) < 0)
		_exit(3);
	fd = open("/proc/sys/net/ipv4/ping_group_range", O_WRONLY);
	if (write(fd, "0 0\n", 4) != 4)
		_exit(3);
	close(fd);
	is_done = 1;
}

static int ping(volatile char *byte)
{
	return created(socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP), byte);
}

static int udp(volatile char *byte)
{
	return created(socket(AF_INET, SOCK_DGRAM, 0), byte);
}

const struct operation raw_operations[] = {
	{ "raw6", raw6, 0, 0 },
	{ "raw-any", raw_any, 0, 0 },
	{ "raw-uring", raw_uring, 0, 0 },
	{ "raw-i386", raw_i386, 0, 0 },
	{ "raw-socketcall", raw_socketcall, 0, 0 },
	{ "ping", ping, allow_ping, 0 },
	{ "udp", udp, 0, 0 },
	{ 0 },
};
