/*
 * exec-loop N PARALLEL PATH [ARGUMENT...]
 *
 * Starts the program PATH N times, as fast as possible, from PARALLEL worker processes, each of
 * which does vfork, execve and waitpid in a loop. Prints one line of JSON:
 *
 *   execs, parallel   as asked for
 *   totalNs           wall time from before the first worker to after the last, nanoseconds
 *   meanUs            totalNs / execs, in microseconds
 *   failed            programs that did not exit with status 0
 *   userUs, systemUs  CPU time of this process, its workers and all that they started
 *
 * Exit status: 0, or 1 when PATH could not be executed or a worker failed, 2 for bad arguments.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/*
 * Starts the program once; returns its process, or -1. A function of its own, since the child of
 * vfork runs on the stack of its parent and must not disturb the parent's loop.
 */
static __attribute__((noinline)) pid_t start_program(const char *path, char **argv)
{
	volatile int exec_errno = 0;
	pid_t pid = vfork();

	if (pid == 0) {
		execve(path, argv, environ);
		/* The memory is the parent's: it sees this. */
		exec_errno = errno;
		_exit(127);
	}
	if (pid > 0 && exec_errno != 0) {
		waitpid(pid, NULL, 0);
		errno = exec_errno;
		return -1;
	}
	return pid;
}

/* Runs in a worker; returns how many programs failed, or -1 when PATH cannot be executed. */
static long work(long count, const char *path, char **argv)
{
	long failed = 0;

	for (long i = 0; i < count; i++) {
		int status;
		pid_t pid = start_program(path, argv);

		if (pid < 0 || waitpid(pid, &status, 0) != pid) {
			fprintf(stderr, "exec-loop: execute %s: %s\n", path, strerror(errno));
			return -1;
		}
		failed += status != 0;
	}
	return failed;
}

int main(int argc, char **argv)
{
	long count, parallel, failed = 0;
	long *results;
	int broken = 0;
	long long start, total, user = 0, system = 0;
	int who[] = { RUSAGE_SELF, RUSAGE_CHILDREN };

	if (argc < 4 || (count = atol(argv[1])) < 1 || (parallel = atol(argv[2])) < 1) {
		fprintf(stderr, "usage: exec-loop N PARALLEL PATH [ARGUMENT...]\n");
		return 2;
	}
	results = mmap(NULL, parallel * sizeof(*results), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (results == MAP_FAILED) {
		perror("exec-loop: mmap");
		return 1;
	}
	start = now_ns();
	for (long i = 0; i < parallel; i++) {
		long share = count / parallel + (i < count % parallel);
		pid_t pid = fork();

		if (pid == 0) {
			results[i] = work(share, argv[3], argv + 3);
			_exit(results[i] < 0);
		}
		if (pid < 0) {
			perror("exec-loop: fork");
			broken = 1;
			break;
		}
	}
	for (int status; wait(&status) > 0;)
		broken |= status != 0;
	total = now_ns() - start;
	for (long i = 0; i < parallel; i++)
		failed += results[i] > 0 ? results[i] : 0;
	for (int i = 0; i < 2; i++) {
		struct rusage usage;

		getrusage(who[i], &usage);
		user += usage.ru_utime.tv_sec * 1000000LL + usage.ru_utime.tv_usec;
		system += usage.ru_stime.tv_sec * 1000000LL + usage.ru_stime.tv_usec;
	}
	if (broken)
		return 1;
	printf("{\"execs\":%ld,\"parallel\":%ld,\"totalNs\":%lld,\"meanUs\":%.3f,\"failed\":%ld,"
	       "\"userUs\":%lld,\"systemUs\":%lld}\n",
	       count, parallel, total, total / 1000.0 / count, failed, user, system);
	return 0;
}
