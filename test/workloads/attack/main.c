/*
 * attack OPERATION WAY ATTEMPTS WORKERS TARGET
 *
 * Attempts an operation that a policy forbids, ATTEMPTS times in total, by WORKERS threads of one
 * process (WAY thread), by children of their own that WORKERS processes fork (WAY child), or by
 * WORKERS processes themselves (WAY process), for operations that fail. A child marks its effect in
 * memory that it shares with its parent, so that the effect is seen even if the child is killed.
 * Operations:
 *
 *   open, openat2, path-fd, handle, uring   opens TARGET for reading and reads one byte; path-fd
 *                                           opens a descriptor without access again, through
 *                                           /proc/self/fd, and handle uses the handle of the file
 *   write                                   opens TARGET for writing and appends one byte
 *   exec, execveat                          executes TARGET (WAY child only), with the descriptor 3
 *   memfd, shared-memory, segment           the same with a copy in memory: in a file of
 *                                           memfd_create, an anonymous shared mapping, a segment of
 *                                           System V; the last two through /proc/self/map_files
 *   mmap                                    maps TARGET and reads one byte
 *   connect4, connect6, connect-mapped,     connects to the port TARGET of this host, with an IPv4
 *   connect-uring, fast-open                address in IPv6, by io_uring, or by sending data
 *   udp4, udp6                              connects a UDP socket to that port, and sends a byte
 *   bind4, bind6                            binds a socket to that port
 *
 *   device, device-uring                    opens TARGET
 *   sysctl, sysctl-uring, sysctl-bound      changes TARGET in a network namespace of the worker;
 *                                           sysctl-bound at another path
 *
 * Further ones use files, sockets and keys of the worker, whose names begin with TARGET. They are
 * in changes.c, sockets.c, raw.c, options.c, system.c and privileges.c. The worker looks itself
 * whether they had an effect.
 *
 * Prints one line of JSON: attempts, effects (a byte was read or written, a socket has its
 * address; never for programs, which leave their own marks), killed (children that a signal ended),
 * refused (attempts that failed, by error number). Exit status: 0, or 2 for bad arguments.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "attack.h"

#define ERRORS 256

/* Shared by all processes. */
struct tally {
	atomic_long started;
	atomic_long effects;
	atomic_long killed;
	atomic_long refused[ERRORS];
};

static struct tally *tally;
static const struct operation *operation;
const char *target;
static long attempts;
static int worker;

const char *own_path(const char *suffix)
{
	static char path[4096];

	snprintf(path, sizeof(path), "%s.%d.%s", target, worker, suffix);
	return path;
}

static void note(int error)
{
	if (error > 0 && error < ERRORS)
		atomic_fetch_add(&tally->refused[error], 1);
}

static void *in_thread(void *unused)
{
	(void)unused;
	while (atomic_fetch_add(&tally->started, 1) < attempts) {
		volatile char byte = 0;

		note(operation->attempt(&byte));
		if (byte)
			atomic_fetch_add(&tally->effects, 1);
	}
	return 0;
}

static int child(void *byte)
{
	int error = operation->attempt(byte);

	note(error);
	_exit(error != 0);
}

/*
 * Copying memory takes most of the time. But who shares memory gets no user namespace, and may write
 * to that of the other one.
 */
static int needs_own_memory(void)
{
	static const char *const names[] = { "unshare", "vm-write", "memory-file" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(operation->name, names[i]) == 0)
			return 1;
	return 0;
}

static void in_child(volatile char *byte)
{
	static char stack[1 << 16] __attribute__((aligned(16)));
	int status;
	pid_t pid = needs_own_memory() ?
			    fork() :
			    clone(child, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD,
				  (void *)byte);

	if (pid == 0)
		child((void *)byte);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		exit(3);
	if (WIFSIGNALED(status))
		atomic_fetch_add(&tally->killed, 1);
}

static void in_process(volatile char *byte)
{
	note(operation->attempt(byte));
}

static void repeat(void (*attempt)(volatile char *), volatile char *byte)
{
	while (atomic_fetch_add(&tally->started, 1) < attempts) {
		int happened;

		*byte = 0;
		if (operation->prepare)
			operation->prepare();
		attempt(byte);
		/* Asked in any case, since that also removes what happened. */
		happened = operation->happened && operation->happened();
		if (*byte || happened)
			atomic_fetch_add(&tally->effects, 1);
	}
}

static void run_threads(int workers)
{
	pthread_t threads[workers];

	for (int i = 0; i < workers; i++)
		if (pthread_create(&threads[i], 0, in_thread, 0))
			exit(3);
	for (int i = 0; i < workers; i++)
		pthread_join(threads[i], 0);
}

static void run_processes(int workers, void (*attempt)(volatile char *), volatile char *bytes)
{
	for (int i = 0; i < workers; i++) {
		if (fork() == 0) {
			worker = i;
			repeat(attempt, bytes + i);
			_exit(0);
		}
	}
	while (wait(0) > 0)
		;
}

static void report(void)
{
	const char *comma = "";

	printf("{\"attempts\":%ld,\"effects\":%ld,\"killed\":%ld,\"refused\":{", attempts,
	       (long)tally->effects, (long)tally->killed);
	for (int i = 0; i < ERRORS; i++) {
		if (!tally->refused[i])
			continue;
		printf("%s\"%d\":%ld", comma, i, (long)tally->refused[i]);
		comma = ",";
	}
	printf("}}\n");
}

static const struct operation *find(const char *name)
{
	const struct operation *kinds[] = {
		file_operations,   change_operations,	 network_operations,
		socket_operations, raw_operations,	 option_operations,
		system_operations, privilege_operations,
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		for (const struct operation *each = kinds[i]; each->name; each++)
			if (strcmp(name, each->name) == 0)
				return each;
	return 0;
}

int main(int argc, char **argv)
{
	int workers = argc == 6 ? atoi(argv[4]) : 0;
	size_t size = sizeof(*tally) + workers;

	if (argc > 1)
		operation = find(argv[1]);
	if (!operation || workers < 1) {
		fprintf(stderr, "usage: attack OPERATION WAY ATTEMPTS WORKERS TARGET\n");
		return 2;
	}
	attempts = atol(argv[3]);
	target = argv[5];
	tally = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tally == MAP_FAILED)
		return 3;
	if (strcmp(argv[2], "thread") == 0)
		run_threads(workers);
	else if (strcmp(argv[2], "process") == 0)
		run_processes(workers, in_process, (volatile char *)(tally + 1));
	else
		run_processes(workers, in_child, (volatile char *)(tally + 1));
	report();
	return 0;
}
