#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "packets.h"

static int device_fd, listening[4], taken = -1;

static void add_address(int fd, const char *text)
{
	struct in6_ifreq request = { .ifr6_prefixlen = 128, .ifr6_ifindex = if_nametoindex("lo") };

	inet_pton(AF_INET6, text, &request.ifr6_addr);
	if (ioctl(fd, SIOCSIFADDR, &request) < 0)
		fail("add address");
}

/* Everybody may open ping sockets in this network namespace. */
static void allow_ping(void)
{
	int fd = open("/proc/sys/net/ipv4/ping_group_range", O_WRONLY);

	if (fd < 0 || write(fd, "0 0", 3) < 0)
		fail("allow ping");
	close(fd);
}

/* The flag of an address that is not in use yet: IFA_F_TENTATIVE in linux/if_addr.h. */
#define TENTATIVE 0x40

/* Waits until the addresses of IPv6 can be used. */
static void await_addresses(void)
{
	unsigned flags = TENTATIVE;

	while (flags & TENTATIVE) {
		FILE *list = fopen("/proc/self/net/if_inet6", "r");
		unsigned each;

		if (!list)
			fail("list addresses");
		for (flags = 0; fscanf(list, "%*s %*x %*x %*x %x %*s", &each) == 1;)
			flags |= each;
		fclose(list);
		usleep(1000);
	}
}

void make_namespace(int mtu)
{
	struct ifreq request = { .ifr_name = "lo" };
	int v4, v6;

	if (unshare(CLONE_NEWNET) < 0)
		fail("unshare");
	v4 = socket(AF_INET, SOCK_DGRAM, 0);
	v6 = socket(AF_INET6, SOCK_DGRAM, 0);
	request.ifr_mtu = mtu;
	if (ioctl(v4, SIOCSIFMTU, &request) < 0)
		fail("set MTU");
	request.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING;
	if (ioctl(v4, SIOCSIFFLAGS, &request) < 0)
		fail("set up");
	add_address(v6, "fd00::77");
	add_address(v6, "fd00::1");
	close(v4);
	close(v6);
	allow_ping();
	await_addresses();
}

void watch_device(void)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = if_nametoindex(device),
	};
	int size = 64 << 20;

	device_fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK, htons(ETH_P_ALL));
	setsockopt(device_fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (bind(device_fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		fail("watch device");
}

/* Requests for a connection have no payload. */
static int is_request(const unsigned char *packet, size_t size)
{
	size_t at = packet[0] >> 4 == 6 ? sizeof(struct ipv6hdr) : (packet[0] & 15) * 4u;
	int protocol = packet[0] >> 4 == 6 ? packet[6] : packet[9];
	const struct tcphdr *tcp = (const void *)(packet + at);

	return protocol == IPPROTO_TCP && at + sizeof(*tcp) <= size && tcp->syn && !tcp->ack &&
	       tcp->dest == htons(PORT);
}

long count_left(void)
{
	unsigned char packet[65536];
	struct sockaddr_ll from;
	socklen_t length = sizeof(from);
	int is_lo = !strcmp(device, "lo");
	long count = 0;
	ssize_t size;

	while ((size = recvfrom(device_fd, packet, sizeof(packet), 0, (struct sockaddr *)&from,
				&length)) > 0)
		if ((from.sll_pkttype == PACKET_OUTGOING) == is_lo &&
		    (memmem(packet, size, MARK, MARK_SIZE) || is_request(packet, size)))
			count++;
	return count;
}

void listen_all(void)
{
	union address any;
	int off = 0, types[] = { SOCK_DGRAM, SOCK_STREAM }, size = 64 << 20;

	parse("::", &any);
	for (int i = 0; i < 2; i++) {
		int fd = socket(AF_INET6, types[i] | SOCK_NONBLOCK, 0);

		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
		if (bind(fd, &any.any, sizeof(any.v6)) < 0)
			fail("bind");
		if (types[i] == SOCK_STREAM && listen(fd, 4096) < 0)
			fail("listen");
		listening[i] = fd;
	}
	listening[2] = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK, IPPROTO_ICMP);
	listening[3] = socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK, IPPROTO_ICMPV6);
	for (int i = 0; i < 4; i++)
		setsockopt(listening[i], SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
}

void take_connection(void)
{
	fcntl(listening[1], F_SETFL, 0);
	taken = accept(listening[1], 0, 0);
	fcntl(listening[1], F_SETFL, O_NONBLOCK);
	fcntl(taken, F_SETFL, O_NONBLOCK);
}

/* Rounds of packets and answers: those of a connection, and more. */
#define ROUNDS 16

void settle(void)
{
	struct sockaddr_in own = { .sin_family = AF_INET };
	socklen_t length = sizeof(own);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	char byte = 0;

	own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&own, sizeof(own)) < 0 ||
	    getsockname(fd, (struct sockaddr *)&own, &length) < 0)
		fail("settle");
	for (int i = 0; i < ROUNDS; i++)
		if (sendto(fd, &byte, 1, 0, (struct sockaddr *)&own, length) < 0 ||
		    recv(fd, &byte, 1, 0) < 0)
			fail("settle");
	close(fd);
}

/* Messages at a socket; at a raw one only echo requests, since there are answers, too. */
static long messages(int fd, int family)
{
	static char data[1 << 20];
	long count = 0;
	ssize_t size;

	while ((size = recv(fd, data, sizeof(data), 0)) > 0) {
		int at = family == AF_INET ? (data[0] & 15) * 4 : 0;
		unsigned char echo = family == AF_INET ? 8 : 128;

		if (memmem(data, size, MARK, MARK_SIZE) &&
		    (!family || (unsigned char)data[at] == echo))
			count++;
	}
	return count;
}

/* Messages in a stream of bytes. */
static long in_stream(int fd)
{
	static char data[1 << 20];
	long bytes = 0;
	ssize_t size;

	while ((size = recv(fd, data, sizeof(data), 0)) > 0)
		bytes += size;
	return bytes / MARK_SIZE;
}

long count_received(void)
{
	long count = 0;

	while (accept(listening[1], 0, 0) >= 0)
		count++;
	count += messages(listening[0], 0);
	count += messages(listening[2], AF_INET) + messages(listening[3], AF_INET6);
	return taken < 0 ? count : count + in_stream(taken);
}
