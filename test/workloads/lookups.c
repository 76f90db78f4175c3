// Returns lists of addresses as getaddrinfo does, good and bad ones, and connects:
// `lookups COMMAND [WORD...] [-- COMMAND...]...`.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absent-page.h"
#include "commands.h"

#define MOST 200

static struct addrinfo nodes[MOST];
static struct sockaddr_storage addresses[MOST];

/** The function that policies are about. It gives the list away, or fails with a status. */
__attribute__((noinline, noclone, used)) static int
finds(const char *name, struct addrinfo *list, struct addrinfo **found, int status)
{
	__asm__ volatile("" : : "r"(name) : "memory");
	if ((unsigned long)found > 4096)
		*found = list;
	return status;
}

static void fill(int at, const char *text, int port)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&addresses[at];
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&addresses[at];
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((unsigned short)port);
	} else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((unsigned short)port);
	} else {
		// Of a family that is not shown.
		addresses[at].ss_family = AF_UNIX;
	}
	nodes[at].ai_family = addresses[at].ss_family;
	nodes[at].ai_addr = (struct sockaddr *)&addresses[at];
	nodes[at].ai_next = NULL;
	if (at > 0)
		nodes[at - 1].ai_next = &nodes[at];
}

/** A list of the addresses up to the end of the command. */
static int build(char **words)
{
	int count = 0;
	memset(nodes, 0, sizeof nodes);
	memset(addresses, 0, sizeof addresses);
	for (; words[count] && strcmp(words[count], "--"); count++)
		fill(count, words[count], 0);
	return count;
}

static void report(const char *name, struct addrinfo *list, int status)
{
	struct addrinfo *found = NULL;
	finds(name, list, &found, status);
}

static void connect_to(const char *text, int port)
{
	fill(0, text, port);
	int file = socket(addresses[0].ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (file < 0)
		exit(3);
	// Whether it succeeds does not matter.
	(void)!connect(file, (struct sockaddr *)&addresses[0], sizeof(struct sockaddr_in6));
	close(file);
}

static void run(char **words);

static void *run_in_thread(void *words)
{
	run(words);
	return NULL;
}

/** A child looks up a name and ends; then its own child connects: `NAME ADDRESS PORT`. */
static void orphan(char **words)
{
	int ends[2];
	if (pipe(ends) || prctl(PR_SET_CHILD_SUBREAPER, 1))
		exit(3);
	if (fork() == 0) {
		fill(0, words[1], 0);
		report(words[0], nodes, 0);
		if (fork() == 0) {
			char byte;
			close(ends[1]);
			// The other ends are closed when both parents have ended or closed them.
			(void)!read(ends[0], &byte, 1);
			connect_to(words[1], (int)number(words[2]));
		}
		_exit(0);
	}
	close(ends[1]);
	while (wait(NULL) > 0)
		;
}

static void run(char **words)
{
	const char *command = words[0];
	if (!strcmp(command, "list")) {
		build(words + 2);
		report(words[1], nodes, 0);
	} else if (!strcmp(command, "fails")) {
		build(words + 2);
		report(words[1], nodes, EAI_NONAME);
	} else if (!strcmp(command, "empty")) {
		report(words[1], NULL, 0);
	} else if (!strcmp(command, "endless")) {
		int count = build(words + 2);
		nodes[count - 1].ai_next = nodes;
		report(words[1], nodes, 0);
	} else if (!strcmp(command, "itself")) {
		build(words + 2);
		nodes[0].ai_next = nodes;
		report(words[1], nodes, 0);
	} else if (!strcmp(command, "many")) {
		char text[32];
		for (int i = 0; i < number(words[2]); i++) {
			snprintf(text, sizeof text, "10.9.8.%d", i);
			fill(i, text, 0);
		}
		report(words[1], nodes, 0);
	} else if (!strcmp(command, "bad-next")) {
		int count = build(words + 3);
		nodes[count - 1].ai_next = (struct addrinfo *)strtoul(words[2], NULL, 0);
		report(words[1], nodes, 0);
	} else if (!strcmp(command, "bad-address")) {
		int count = build(words + 3);
		nodes[count - 1].ai_addr = (struct sockaddr *)strtoul(words[2], NULL, 0);
		report(words[1], nodes, 0);
	} else if (!strcmp(command, "bad-list")) {
		report(words[1], (struct addrinfo *)strtoul(words[2], NULL, 0), 0);
	} else if (!strcmp(command, "bad-pointer")) {
		finds(words[1], NULL, (struct addrinfo **)strtoul(words[2], NULL, 0), 0);
	} else if (!strcmp(command, "absent")) {
		// The second node is in a page that is not in memory.
		build(words + 2);
		nodes[0].ai_next = absent_page(&nodes[1], sizeof nodes[1], 4096);
		report(words[1], nodes, 0);
	} else if (!strcmp(command, "connect")) {
		connect_to(words[1], (int)number(words[2]));
	} else if (!strcmp(command, "thread")) {
		pthread_t thread;
		if (pthread_create(&thread, NULL, run_in_thread, words + 1))
			exit(3);
		pthread_join(thread, NULL);
	} else if (!strcmp(command, "fork")) {
		pid_t child = fork();
		if (child == 0) {
			run(words + 1);
			_exit(0);
		}
		waitpid(child, NULL, 0);
	} else if (!strcmp(command, "orphan")) {
		orphan(words + 1);
	} else if (!strcmp(command, "wait")) {
		wait_for_byte();
	} else if (!strcmp(command, "exec")) {
		execv("/proc/self/exe", words);
		exit(3);
	} else {
		exit(2);
	}
}

int main(int argc, char **argv)
{
	return run_commands(argc, argv, run);
}
