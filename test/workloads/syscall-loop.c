/*
 * syscall-loop N
 *
 * Calls getpid N times, past the C library, and prints one line of JSON:
 *
 *   calls      as asked for
 *   totalNs    wall time, nanoseconds
 *   nsPerCall  totalNs / calls
 *
 * Exit status: 0, or 2 for bad arguments.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

int main(int argc, char **argv)
{
	long count;
	long long start, total;

	if (argc != 2 || (count = atol(argv[1])) < 1) {
		fprintf(stderr, "usage: syscall-loop N\n");
		return 2;
	}
	start = now_ns();
	for (long i = 0; i < count; i++)
		syscall(SYS_getpid);
	total = now_ns() - start;
	printf("{\"calls\":%ld,\"totalNs\":%lld,\"nsPerCall\":%.2f}\n", count, total,
	       (double)total / count);
	return 0;
}
