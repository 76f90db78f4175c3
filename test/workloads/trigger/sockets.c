/* Commands about sockets. Both ends are in this process, for nobody else has to take part. */
#include "trigger.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
};

static socklen_t internet(union address *address, const char *host, int port)
{
	memset(address, 0, sizeof(*address));
	if (strchr(host, ':')) {
		address->v6.sin6_family = AF_INET6;
		address->v6.sin6_port = htons(port);
		inet_pton(AF_INET6, host, &address->v6.sin6_addr);
		return sizeof(address->v6);
	}
	address->v4.sin_family = AF_INET;
	address->v4.sin_port = htons(port);
	inet_pton(AF_INET, host, &address->v4.sin_addr);
	return sizeof(address->v4);
}

/* A path; a name that begins with @ is one outside of the file system. */
static socklen_t local(union address *address, const char *name)
{
	size_t length = strlen(name);

	memset(address, 0, sizeof(*address));
	address->local.sun_family = AF_UNIX;
	memcpy(address->local.sun_path, name, length);
	if (name[0] == '@')
		address->local.sun_path[0] = 0;
	return offsetof(struct sockaddr_un, sun_path) + length + (name[0] != '@');
}

static long bound(union address *address, socklen_t length, int type)
{
	int on = 1;
	int fd = socket(address->any.sa_family, type, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, &address->any, length) < 0)
		return -1;
	return fd;
}

static long stream(union address *address, socklen_t length, const char *text)
{
	char buffer[4096];
	int server = bound(address, length, SOCK_STREAM);
	int client, accepted;

	if (server < 0 || listen(server, 1) < 0)
		return -1;
	client = socket(address->any.sa_family, SOCK_STREAM, 0);
	if (client < 0 || connect(client, &address->any, length) < 0)
		return -1;
	accepted = accept(server, NULL, NULL);
	if (accepted < 0 || send(client, text, strlen(text), MSG_NOSIGNAL) < 0)
		return -1;
	/* Else the connection is reset, which is another story. */
	if (*text && recv(accepted, buffer, sizeof(buffer), 0) < 0)
		return -1;
	close(client);
	close(accepted);
	close(server);
	return 0;
}

/* tcp HOST PORT TEXT: a connection from a client to a server, text, end */
static long run_tcp(int count, char **words)
{
	union address address;
	socklen_t length = internet(&address, words[0], number(words[1]));

	(void)count;
	return stream(&address, length, words[2]);
}

/* unix NAME TEXT: the same through a local socket; a name with @ is abstract */
static long run_unix(int count, char **words)
{
	union address address;
	socklen_t length = local(&address, words[0]);

	(void)count;
	return stream(&address, length, words[1]);
}

/* connect HOST PORT: and is refused, mostly. The current descriptor is the socket. */
static long run_connect(int count, char **words)
{
	union address address;
	socklen_t length = internet(&address, words[0], number(words[1]));

	(void)count;
	current_fd = socket(address.any.sa_family, SOCK_STREAM, 0);
	return current_fd < 0 ? -1 : connect(current_fd, &address.any, length);
}

/* listen HOST PORT: the current descriptor is the socket. */
static long run_listen(int count, char **words)
{
	union address address;
	socklen_t length = internet(&address, words[0], number(words[1]));

	(void)count;
	current_fd = bound(&address, length, SOCK_STREAM);
	return current_fd < 0 ? -1 : listen(current_fd, 1);
}

/* bind HOST PORT: a datagram socket, the current descriptor */
static long run_bind(int count, char **words)
{
	union address address;
	socklen_t length = internet(&address, words[0], number(words[1]));

	(void)count;
	return current_fd = bound(&address, length, SOCK_DGRAM);
}

/* udp HOST PORT TEXT: one datagram to a socket of this process */
static long run_udp(int count, char **words)
{
	union address address;
	socklen_t length = internet(&address, words[0], number(words[1]));
	char buffer[4096];
	int server = bound(&address, length, SOCK_DGRAM);
	int client = socket(address.any.sa_family, SOCK_DGRAM, 0);

	(void)count;
	if (server < 0 || client < 0 ||
	    sendto(client, words[2], strlen(words[2]), 0, &address.any, length) < 0 ||
	    recv(server, buffer, sizeof(buffer), 0) < 0)
		return -1;
	close(client);
	close(server);
	return 0;
}

/* socket FAMILY TYPE PROTOCOL: the current descriptor */
static long run_socket(int count, char **words)
{
	(void)count;
	return current_fd = socket(number(words[0]), number(words[1]), number(words[2]));
}

const struct command socket_commands[] = {
	{ "tcp", 3, run_tcp },
	{ "unix", 2, run_unix },
	{ "connect", 2, run_connect },
	{ "listen", 2, run_listen },
	{ "bind", 2, run_bind },
	{ "udp", 3, run_udp },
	{ "socket", 3, run_socket },
	{ 0, 0, 0 },
};
