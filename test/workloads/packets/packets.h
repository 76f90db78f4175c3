/* Packets in a network namespace, and who saw them. */
#ifndef PACKETS_H
#define PACKETS_H

#include <netinet/in.h>
#include <sys/socket.h>

/* In the payload of all packets, so that they are found on the device. */
#define MARK "tetragon-packet!"
#define MARK_SIZE 16

/* Port of the destination, and of the sockets that listen. */
#define PORT 7777

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* The destination, another one on the way to it, and the device. */
extern const char *to, *over, *device;

/* An Internet address from text, with the port. Returns its length. */
socklen_t parse(const char *text, union address *address);

struct sender {
	const char *name;
	/* Optional: called before the start. Returns the same. */
	int (*prepare)(void);
	/* Sends once. Returns the number of the error, or 0. */
	int (*send)(void);
};

extern const struct sender plain_senders[];
extern const struct sender raw_senders[];

/* Less than a large message, which is fragmented; and more than any. */
#define SMALL_MTU 1500
#define LARGE_MTU 65536

/* Makes a network namespace whose loopback device has all of 127.0.0.0/8, fd00::77 and fd00::1. */
void make_namespace(int mtu);

/* Waits until this CPU has handled what it sent before to this host or by a pair of devices. */
void settle(void);

/* Starts to look at the device; the number of packets of ours that left by lo, or arrived. */
void watch_device(void);
long count_left(void);

/* Starts to listen with all kinds of sockets; the number of messages and connections since then. */
void listen_all(void);
long count_received(void);

/* Takes the next connection, whose messages then count. */
void take_connection(void);

/* Ends the program with a message and the current error. */
void fail(const char *what);

#endif
