/*
 * file-loop N PATH
 *
 * Opens PATH, reads up to 4 KiB of it and closes it, N times, and prints one line of JSON:
 *
 *   rounds      as asked for
 *   totalNs     wall time, nanoseconds
 *   nsPerRound  totalNs / rounds
 *   denied      rounds in which the open or the read was refused with EPERM or EACCES
 *
 * Exit status: 0, or 1 when a call fails for another reason, 2 for bad arguments.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
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
	static char buffer[4096];
	long count, denied = 0;
	long long start, total;

	if (argc != 3 || (count = atol(argv[1])) < 1) {
		fprintf(stderr, "usage: file-loop N PATH\n");
		return 2;
	}
	start = now_ns();
	for (long i = 0; i < count; i++) {
		int fd = openat(AT_FDCWD, argv[2], O_RDONLY | O_CLOEXEC);
		int failed = fd < 0 || read(fd, buffer, sizeof(buffer)) < 0;

		if (failed && errno != EPERM && errno != EACCES) {
			perror(argv[2]);
			return 1;
		}
		denied += failed;
		if (fd >= 0)
			close(fd);
	}
	total = now_ns() - start;
	printf("{\"rounds\":%ld,\"totalNs\":%lld,\"nsPerRound\":%.2f,\"denied\":%ld}\n", count, total,
	       (double)total / count, denied);
	return 0;
}
