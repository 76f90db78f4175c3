/*
 * packets SENDER COUNT TO OVER DEVICE
 *
 * Sends packets to the address TO, some of them over the address OVER. If DEVICE is lo, it does so
 * in a network namespace of its own, where all addresses are local. Before it sends it writes a
 * line with its pid and waits for a line. Then it sends COUNT times and prints one line of JSON:
 *
 *   attempts  as asked for
 *   refused   attempts that failed, by error number
 *   left      packets that left by DEVICE, if that is lo, else those that arrived at it;
 *             fragments included
 *   received  messages and connections that arrived at sockets of this process
 *
 * Exit status: 0, or 2 for bad arguments, or 1 if something else failed.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "packets.h"

const char *to, *over, *device;

void fail(const char *what)
{
	fprintf(stderr, "packets: %s: %s\n", what, strerror(errno));
	exit(1);
}

socklen_t parse(const char *text, union address *address)
{
	memset(address, 0, sizeof(*address));
	if (strchr(text, ':')) {
		address->v6.sin6_family = AF_INET6;
		address->v6.sin6_port = htons(PORT);
		inet_pton(AF_INET6, text, &address->v6.sin6_addr);
		return sizeof(address->v6);
	}
	address->v4.sin_family = AF_INET;
	address->v4.sin_port = htons(PORT);
	inet_pton(AF_INET, text, &address->v4.sin_addr);
	return sizeof(address->v4);
}

static const struct sender *find(const char *name)
{
	const struct sender *tables[] = { plain_senders, raw_senders };

	for (int i = 0; i < 2; i++)
		for (const struct sender *each = tables[i]; each->name; each++)
			if (!strcmp(each->name, name))
				return each;
	return 0;
}

int main(int argc, char **argv)
{
	const struct sender *sender = argc == 6 ? find(argv[1]) : 0;
	long refused[256] = { 0 }, count = sender ? atol(argv[2]) : 0;
	const char *comma = "";
	char line[16];
	cpu_set_t cpu;

	if (count < 1) {
		fprintf(stderr, "usage: packets SENDER COUNT TO OVER DEVICE\n");
		return 2;
	}
	to = argv[3], over = argv[4], device = argv[5];
	/* What was sent by a CPU is handled by it, in order. */
	CPU_ZERO(&cpu);
	CPU_SET(sched_getcpu(), &cpu);
	sched_setaffinity(0, sizeof(cpu), &cpu);
	if (!strcmp(device, "lo"))
		make_namespace(strcmp(sender->name, "large") ? LARGE_MTU : SMALL_MTU);
	listen_all();
	if (sender->prepare && (errno = sender->prepare()))
		fail("prepare");
	watch_device();
	printf("%d\n", getpid());
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		return 1;
	for (long i = 0; i < count; i++)
		refused[sender->send() & 255]++;
	settle();
	printf("{\"attempts\":%ld,\"refused\":{", count);
	for (int error = 1; error < 256; error++) {
		if (!refused[error])
			continue;
		printf("%s\"%d\":%ld", comma, error, refused[error]);
		comma = ",";
	}
	printf("},\"left\":%ld,\"received\":%ld}\n", count_left(), count_received());
	return 0;
}
