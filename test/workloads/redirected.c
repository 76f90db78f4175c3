// Calls functions whose results and effects policies change:
// `redirected COMMAND [WORD...] [-- COMMAND...]...`.

#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "commands.h"

#define PROBED __attribute__((noinline, noclone, used))

/** Says that it runs. */
static void effect(const char *text)
{
	if (write(1, text, strlen(text)) < 0)
		_exit(4);
}

PROBED long decides(long a, long b)
{
	effect("ran\n");
	__asm__ volatile("");
	return 2 * a + b;
}

PROBED long decides_too(long a, long b)
{
	effect("ran too\n");
	__asm__ volatile("");
	return 3 * a + b;
}

PROBED long alternative(long a, long b)
{
	__asm__ volatile("");
	return 1000 + a + b;
}

PROBED long reads(const char *text, long a, long b, long c, long d)
{
	effect("ran\n");
	__asm__ volatile("" : : "r"(text) : "memory");
	return a + b + c + d;
}

/** Words on the stack that a wrong stack pointer or return address would change. */
PROBED long checks(long (*function)(long, long), long a, long b)
{
	volatile long words[16];
	for (int i = 0; i < 16; i++)
		words[i] = i * a;
	long result = function(a, b);
	for (int i = 0; i < 16; i++)
		if (words[i] != i * a)
			_exit(5);
	return result;
}

static long calls_per_thread;

static void *storm(void *unused)
{
	for (long i = 0; i < calls_per_thread; i++)
		if (checks(decides, i, 1) != -1)
			effect("result\n");
	return unused;
}

static void storms(long threads)
{
	pthread_t all[256];
	if (threads > 256)
		exit(2);
	for (long i = 0; i < threads; i++)
		if (pthread_create(&all[i], NULL, storm, NULL))
			exit(3);
	for (long i = 0; i < threads; i++)
		pthread_join(all[i], NULL);
}

static void check(int failed)
{
	if (failed)
		exit(3);
}

static void *reads_page(void *page)
{
	reads(page, 11, 12, 13, 14);
	return NULL;
}

/**
 * A thread calls `reads` with a page that is there only after this one has called it often, on the
 * same processor.
 */
static void late(const char *text, long calls)
{
	cpu_set_t first;
	CPU_ZERO(&first);
	CPU_SET(0, &first);
	check(sched_setaffinity(0, sizeof(first), &first));
	int faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	struct uffdio_api api = {.api = UFFD_API};
	check(faults < 0 || ioctl(faults, UFFDIO_API, &api));
	char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uffdio_register range = {
		.range = {(unsigned long)page, 4096},
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	check(page == MAP_FAILED || ioctl(faults, UFFDIO_REGISTER, &range));
	pthread_t thread;
	check(pthread_create(&thread, NULL, reads_page, page));
	struct uffd_msg message;
	check(read(faults, &message, sizeof(message)) != sizeof(message));
	for (long i = 0; i < calls; i++)
		reads("there", 1, 2, 3, 4);
	static char content[4096] __attribute__((aligned(4096)));
	strncpy(content, text, sizeof(content) - 1);
	struct uffdio_copy copy = {(unsigned long)page, (unsigned long)content, 4096, 0, 0};
	check(ioctl(faults, UFFDIO_COPY, &copy));
	pthread_join(thread, NULL);
}

static void run(char **words)
{
	const char *command = words[0];
	if (!strcmp(command, "call") || !strcmp(command, "call-other")) {
		long (*function)(long, long) = strcmp(command, "call") ? decides_too : decides;
		printf("%ld\n", checks(function, number(words[1]), number(words[2])));
		fflush(stdout);
	} else if (!strcmp(command, "text")) {
		printf("%ld\n", reads(words[1], 1, 1, 2, 3));
		fflush(stdout);
	} else if (!strcmp(command, "late")) {
		late(words[1], number(words[2]));
	} else if (!strcmp(command, "storm")) {
		calls_per_thread = number(words[2]);
		storms(number(words[1]));
	} else
		exit(2);
}

int main(int argc, char **argv)
{
	return run_commands(argc, argv, run);
}
