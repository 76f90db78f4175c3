/*
 * attack OPERATION WAY ATTEMPTS WORKERS PATH
 *
 * Attempts an operation that a policy forbids, ATTEMPTS times in total, by WORKERS threads of one
 * process (WAY thread), or by children of their own that WORKERS processes fork (WAY child). A
 * child marks its effect in memory that it shares with its parent, so that the effect is seen even
 * if the child is killed. Operations:
 *
 *   open, openat2, path-fd, handle, uring   opens PATH for reading and reads one byte; path-fd
 *                                           opens a descriptor without access again, through
 *                                           /proc/self/fd, and handle uses the handle of the file
 *   write                                   opens PATH for writing and appends one byte
 *   exec, execveat                          executes PATH (WAY child only), with the descriptor 3
 *
 * Prints one line of JSON: attempts, effects (a byte was read or written; never for programs, which
 * leave their own marks), killed (children that a signal ended), refused (attempts that failed, by
 * error number). Exit status: 0, or 2 for bad arguments.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ERRORS 256

/* Shared by all processes. */
struct tally {
	atomic_long started;
	atomic_long effects;
	atomic_long killed;
	atomic_long refused[ERRORS];
};

static struct tally *tally;
static const char *path;
static long attempts;
extern char **environ;

/* Reads one byte of an open file into shared memory: the kernel itself copies it there. */
static int read_byte(int fd, volatile char *byte)
{
	ssize_t count;

	if (fd < 0)
		return errno;
	count = read(fd, (char *)byte, 1);
	if (count < 0) {
		int error = errno;

		close(fd);
		return error;
	}
	close(fd);
	return 0;
}

static int by_open(volatile char *byte)
{
	return read_byte(open(path, O_RDONLY), byte);
}

static int by_openat2(volatile char *byte)
{
	struct open_how how = { .flags = O_RDONLY };

	return read_byte(syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how)), byte);
}

static int by_path_fd(volatile char *byte)
{
	char again[64];
	int fd = open(path, O_PATH), error;

	if (fd < 0)
		return errno;
	snprintf(again, sizeof(again), "/proc/self/fd/%d", fd);
	error = read_byte(open(again, O_RDONLY), byte);
	close(fd);
	return error;
}

static int by_handle(volatile char *byte)
{
	struct {
		struct file_handle head;
		unsigned char bytes[MAX_HANDLE_SZ];
	} handle = { .head.handle_bytes = MAX_HANDLE_SZ };
	int mount_id, mount, error;

	if (name_to_handle_at(AT_FDCWD, path, &handle.head, &mount_id, 0) < 0)
		return errno;
	mount = open(".", O_RDONLY | O_DIRECTORY);
	if (mount < 0)
		return errno;
	error = read_byte(open_by_handle_at(mount, &handle.head, O_RDONLY), byte);
	close(mount);
	return error;
}

/* One request of io_uring, and its result. */
static int uring_openat(void)
{
	struct io_uring_params params = { 0 };
	int ring = syscall(SYS_io_uring_setup, 1, &params), result;
	char *queues;
	struct io_uring_sqe *entry;
	size_t size = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);

	if (ring < 0)
		return -1;
	if (size < params.sq_off.array + params.sq_entries * sizeof(unsigned))
		size = params.sq_off.array + params.sq_entries * sizeof(unsigned);
	queues = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
	entry = mmap(0, sizeof(*entry), PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
	if (queues == MAP_FAILED || entry == MAP_FAILED)
		return -1;
	memset(entry, 0, sizeof(*entry));
	entry->opcode = IORING_OP_OPENAT;
	entry->fd = AT_FDCWD;
	entry->addr = (unsigned long)path;
	entry->open_flags = O_RDONLY;
	((unsigned *)(queues + params.sq_off.array))[0] = 0;
	*(unsigned *)(queues + params.sq_off.tail) = 1;
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, 0, 0) < 0)
		result = -errno;
	else
		result = ((struct io_uring_cqe *)(queues + params.cq_off.cqes))->res;
	munmap(queues, size);
	munmap(entry, sizeof(*entry));
	close(ring);
	if (result < 0) {
		errno = -result;
		return -1;
	}
	return result;
}

static int by_uring(volatile char *byte)
{
	return read_byte(uring_openat(), byte);
}

static int by_write(volatile char *byte)
{
	int fd = open(path, O_WRONLY | O_APPEND);

	if (fd < 0)
		return errno;
	if (write(fd, "w", 1) < 0) {
		int error = errno;

		close(fd);
		return error;
	}
	*byte = 'w';
	close(fd);
	return 0;
}

static int by_exec(volatile char *byte)
{
	char *argv[] = { (char *)path, 0 };

	(void)byte;
	execve(path, argv, environ);
	return errno;
}

static int by_execveat(volatile char *byte)
{
	char *argv[] = { (char *)path, 0 };
	int fd = open(path, O_PATH);

	(void)byte;
	if (fd < 0)
		return errno;
	syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
	return errno;
}

static const struct operation {
	const char *name;
	int (*attempt)(volatile char *byte);
} operations[] = {
	{ "open", by_open },	 { "openat2", by_openat2 }, { "path-fd", by_path_fd },
	{ "handle", by_handle }, { "uring", by_uring },	    { "write", by_write },
	{ "exec", by_exec },	 { "execveat", by_execveat },
};

static const struct operation *operation;

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

static void in_children(volatile char *byte)
{
	while (atomic_fetch_add(&tally->started, 1) < attempts) {
		int status;
		pid_t pid;

		*byte = 0;
		pid = fork();
		if (pid == 0) {
			int error = operation->attempt(byte);

			note(error);
			_exit(error != 0);
		}
		if (pid < 0 || waitpid(pid, &status, 0) < 0)
			exit(3);
		if (WIFSIGNALED(status))
			atomic_fetch_add(&tally->killed, 1);
		if (*byte)
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

static void run_processes(int workers, volatile char *bytes)
{
	for (int i = 0; i < workers; i++) {
		if (fork() == 0) {
			in_children(bytes + i);
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

int main(int argc, char **argv)
{
	int workers = argc == 6 ? atoi(argv[4]) : 0;
	size_t size = sizeof(*tally) + workers;

	for (size_t i = 0; argc > 1 && i < sizeof(operations) / sizeof(*operations); i++)
		if (strcmp(argv[1], operations[i].name) == 0)
			operation = &operations[i];
	if (!operation || workers < 1) {
		fprintf(stderr, "usage: attack OPERATION WAY ATTEMPTS WORKERS PATH\n");
		return 2;
	}
	attempts = atol(argv[3]);
	path = argv[5];
	tally = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tally == MAP_FAILED)
		return 3;
	if (strcmp(argv[2], "thread") == 0)
		run_threads(workers);
	else
		run_processes(workers, (volatile char *)(tally + 1));
	report();
	return 0;
}
