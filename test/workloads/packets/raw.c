#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>
#include <string.h>
#include <unistd.h>
#include "packets.h"

/* IPOPT_LSRR with copied flag, and with how many bytes it starts before the addresses. */
#define LOOSE_ROUTE 131
#define ROUTE_HEAD 3

static int finish(int fd, int failed)
{
	int error = failed ? errno : 0;

	close(fd);
	return error;
}

static int is_v6(void)
{
	return strchr(to, ':') != 0;
}

static unsigned short sum(const void *data, int size)
{
	const unsigned short *words = data;
	unsigned total = 0;

	for (int i = 0; i < size / 2; i++)
		total += words[i];
	total = (total >> 16) + (total & 0xffff);
	return ~(total + (total >> 16));
}

static int echo(int type)
{
	struct {
		unsigned char type, code;
		unsigned short checksum, id, number;
		char mark[MARK_SIZE];
	} request = { .type = is_v6() ? ICMP6_ECHO_REQUEST : ICMP_ECHO };
	int protocol = is_v6() ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	union address address;
	socklen_t length = parse(to, &address);
	int fd = socket(address.any.sa_family, type, protocol);

	if (fd < 0)
		return errno;
	address.v4.sin_port = 0;
	memcpy(request.mark, MARK, MARK_SIZE);
	if (!is_v6())
		request.checksum = sum(&request, sizeof(request));
	return finish(fd, sendto(fd, &request, sizeof(request), 0, &address.any, length) < 0);
}

static int raw_echo(void)
{
	return echo(SOCK_RAW);
}

static int ping(void)
{
	return echo(SOCK_DGRAM);
}

/* A message with its IPv4 header. */
struct datagram {
	struct iphdr ip;
	struct udphdr udp;
	char mark[MARK_SIZE];
} __attribute__((packed));

static struct datagram datagram_to(const char *text, int version)
{
	struct datagram datagram = {
		.ip = { .version = version, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP },
		.udp = { .source = htons(9), .dest = htons(PORT) },
	};

	datagram.ip.tot_len = htons(sizeof(datagram));
	datagram.udp.len = htons(sizeof(datagram) - sizeof(datagram.ip));
	inet_pton(AF_INET, text, &datagram.ip.daddr);
	inet_pton(AF_INET, "127.0.0.1", &datagram.ip.saddr);
	memcpy(datagram.mark, MARK, MARK_SIZE);
	datagram.ip.check = sum(&datagram.ip, sizeof(datagram.ip));
	return datagram;
}

/* The address in the header is `to`; that of the call leads it to `route`. */
static int with_header(const char *route, int version)
{
	struct datagram datagram = datagram_to(to, version);
	union address address;
	socklen_t length = parse(route, &address);
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);

	return finish(fd, sendto(fd, &datagram, sizeof(datagram), 0, &address.any, length) < 0);
}

static int header(void)
{
	return with_header(to, 4);
}

static int other_route(void)
{
	return with_header(over, 4);
}

static int wrong_version(void)
{
	return with_header(to, 6);
}

static int no_version(void)
{
	return with_header(to, 0);
}

/* A message with its UDP header, which the kernel puts into a page: it is larger than 16 KB. */
static int paged(void)
{
	static struct {
		struct udphdr udp;
		char mark[MARK_SIZE], rest[20000];
	} message;
	union address address;
	socklen_t length = parse(to, &address);
	int fd = socket(address.any.sa_family, SOCK_RAW, IPPROTO_UDP);

	address.v4.sin_port = 0;
	message.udp.dest = htons(PORT);
	message.udp.len = htons(sizeof(message));
	memcpy(message.mark, MARK, MARK_SIZE);
	return finish(fd, sendto(fd, &message, sizeof(message), 0, &address.any, length) < 0);
}

/* A message to `last` by a route whose first router is `first`. */
static int routed(const char *first, const char *last)
{
	unsigned char option[8] = { LOOSE_ROUTE, ROUTE_HEAD + 4, 4 };
	union address address;
	socklen_t length = parse(last, &address);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	inet_pton(AF_INET, first, option + ROUTE_HEAD);
	if (setsockopt(fd, IPPROTO_IP, IP_OPTIONS, option, sizeof(option)) < 0)
		return finish(fd, 1);
	return finish(fd, sendto(fd, MARK, MARK_SIZE, 0, &address.any, length) < 0);
}

static int routed_over(void)
{
	return routed(over, to);
}

static int routed_to(void)
{
	return routed(to, over);
}

/* The same for IPv6: a routing header of segments (RFC 8754), the last of which is first. */
static int segment_routed(const char *first, const char *last)
{
	struct {
		unsigned char next, size, type, left, last, flags, tag[2];
		struct in6_addr segments[2];
	} route = { .size = 4, .type = 4, .left = 1, .last = 1 };
	union address address;
	socklen_t length = parse(last, &address);
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	inet_pton(AF_INET6, first, &route.segments[1]);
	if (setsockopt(fd, IPPROTO_IPV6, IPV6_RTHDR, &route, sizeof(route)) < 0)
		return finish(fd, 1);
	return finish(fd, sendto(fd, MARK, MARK_SIZE, 0, &address.any, length) < 0);
}

static int segment_routed_over(void)
{
	return segment_routed(over, to);
}

static int segment_routed_to(void)
{
	return segment_routed(to, over);
}

/* Past the Internet protocols of the kernel. */
static int frame(void)
{
	struct datagram datagram = datagram_to(to, 4);
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IP),
		.sll_ifindex = if_nametoindex(device),
		.sll_halen = 6,
	};
	int fd = socket(AF_PACKET, SOCK_DGRAM, 0);

	return finish(fd, sendto(fd, &datagram, sizeof(datagram), 0, (struct sockaddr *)&address,
				 sizeof(address)) < 0);
}

const struct sender raw_senders[] = {
	{ "echo", 0, raw_echo },
	{ "ping", 0, ping },
	{ "header", 0, header },
	{ "other-route", 0, other_route },
	{ "wrong-version", 0, wrong_version },
	{ "no-version", 0, no_version },
	{ "paged", 0, paged },
	{ "routed-over", 0, routed_over },
	{ "routed-to", 0, routed_to },
	{ "segments-over", 0, segment_routed_over },
	{ "segments-to", 0, segment_routed_to },
	{ "frame", 0, frame },
	{ 0 },
};
