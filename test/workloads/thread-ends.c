/*
 * thread-ends WAY THREADS STATUS
 *
 * Ends a process of THREADS threads besides the first one:
 *
 *   return        all threads end at once, each by itself, the first one too
 *   exit          all threads call exit_group with STATUS at once
 *   leader-first  the first thread ends by itself; then another one calls exit_group with STATUS
 *   leader-gone   the first thread ends by itself, the others wait
 *   kill          the process kills itself while all threads wait
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_barrier_t all_there;
static const char *way;
static int status;

static void exit_group(void)
{
	syscall(SYS_exit_group, status);
}

static void *end(void *is_last)
{
	pthread_barrier_wait(&all_there);
	if (strcmp(way, "exit") == 0)
		exit_group();
	if (strcmp(way, "leader-first") == 0) {
		usleep(20000);
		if (is_last)
			exit_group();
	}
	if (strcmp(way, "kill") == 0 || strcmp(way, "leader-gone") == 0)
		for (;;)
			pause();
	/* Not pthread_exit: the C library would call exit for the last thread. */
	syscall(SYS_exit, 0);
	return NULL;
}

int main(int argc, char **argv)
{
	int threads = argc == 4 ? atoi(argv[2]) : 0;

	if (threads < 1) {
		fprintf(stderr, "usage: thread-ends WAY THREADS STATUS\n");
		return 2;
	}
	way = argv[1];
	status = atoi(argv[3]);
	pthread_barrier_init(&all_there, NULL, threads + 1);
	for (int i = 0; i < threads; i++) {
		pthread_t thread;
		void *is_last = i == threads - 1 ? &way : NULL;

		if (pthread_create(&thread, NULL, end, is_last) != 0) {
			perror("thread-ends: pthread_create");
			return 1;
		}
	}
	pthread_barrier_wait(&all_there);
	if (strcmp(way, "kill") == 0)
		kill(getpid(), SIGKILL);
	if (strcmp(way, "exit") == 0)
		exit_group();
	syscall(SYS_exit, 0);
}
