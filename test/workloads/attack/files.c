#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "attack.h"

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
	return read_byte(open(target, O_RDONLY), byte);
}

static int by_openat2(volatile char *byte)
{
	struct open_how how = { .flags = O_RDONLY };

	return read_byte(syscall(SYS_openat2, AT_FDCWD, target, &how, sizeof(how)), byte);
}

static int by_path_fd(volatile char *byte)
{
	char again[64];
	int fd = open(target, O_PATH), error;

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

	if (name_to_handle_at(AT_FDCWD, target, &handle.head, &mount_id, 0) < 0)
		return errno;
	mount = open(".", O_RDONLY | O_DIRECTORY);
	if (mount < 0)
		return errno;
	error = read_byte(open_by_handle_at(mount, &handle.head, O_RDONLY), byte);
	close(mount);
	return error;
}

static int uring_openat(void)
{
	struct io_uring_sqe request = {
		.opcode = IORING_OP_OPENAT,
		.fd = AT_FDCWD,
		.addr = (unsigned long)target,
		.open_flags = O_RDONLY,
	};

	return by_ring(&request);
}

static int by_uring(volatile char *byte)
{
	return read_byte(uring_openat(), byte);
}

static int by_write(volatile char *byte)
{
	int fd = open(target, O_WRONLY | O_APPEND);

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
	char *argv[] = { (char *)target, 0 };

	(void)byte;
	execve(target, argv, environ);
	return errno;
}

static int by_execveat(volatile char *byte)
{
	char *argv[] = { (char *)target, 0 };
	int fd = open(target, O_PATH);

	(void)byte;
	if (fd < 0)
		return errno;
	syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
	return errno;
}

/* Executes a copy of the program that exists only in memory. */
static int by_memfd(volatile char *byte)
{
	char *argv[] = { (char *)target, 0 };
	int from = open(target, O_RDONLY), fd = memfd_create("attack", 0);

	(void)byte;
	if (from < 0 || fd < 0)
		return errno;
	while (sendfile(fd, from, 0, 1 << 20) > 0)
		;
	syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
	return errno;
}

/* Executes a copy of the program in a shared mapping; `memory` is at most a segment of System V. */
static int execute_mapping(int from, char *memory, unsigned long size)
{
	char *argv[] = { (char *)target, 0 }, path[64];

	if (memory == MAP_FAILED || read(from, memory, size) <= 0)
		return errno;
	snprintf(path, sizeof(path), "/proc/self/map_files/%lx-%lx", (unsigned long)memory,
		 (unsigned long)memory + size);
	execve(path, argv, environ);
	return errno;
}

/* The number of bytes of whole pages that the program fills; 0 if it cannot be opened. */
static unsigned long open_program(int *from)
{
	unsigned long page = sysconf(_SC_PAGESIZE);
	struct stat info;

	*from = open(target, O_RDONLY);
	if (*from < 0 || fstat(*from, &info) < 0)
		return 0;
	return (info.st_size + page - 1) / page * page;
}

static int by_shared_memory(volatile char *byte)
{
	int from, protection = PROT_READ | PROT_WRITE;
	unsigned long size = open_program(&from);

	(void)byte;
	if (size == 0)
		return errno;
	return execute_mapping(from,
			       mmap(0, size, protection, MAP_SHARED | MAP_ANONYMOUS, -1, 0), size);
}

static int by_segment(volatile char *byte)
{
	int from;
	unsigned long size = open_program(&from);
	int id = size == 0 ? -1 : shmget(IPC_PRIVATE, size, 0600);
	char *memory;

	(void)byte;
	if (id < 0)
		return errno;
	memory = shmat(id, 0, 0);
	/* It stays until it is no longer mapped. */
	shmctl(id, IPC_RMID, 0);
	return execute_mapping(from, memory, size);
}

/* Maps the file and reads it there. */
static int by_mmap(volatile char *byte)
{
	int fd = open(target, O_RDONLY), error = 0;
	char *memory;

	if (fd < 0)
		return errno;
	memory = mmap(0, 1, PROT_READ, MAP_PRIVATE, fd, 0);
	if (memory == MAP_FAILED)
		error = errno;
	else
		*byte = memory[0];
	close(fd);
	return error;
}

const struct operation file_operations[] = {
	{ "open", by_open, 0, 0 },
	{ "openat2", by_openat2, 0, 0 },
	{ "path-fd", by_path_fd, 0, 0 },
	{ "handle", by_handle, 0, 0 },
	{ "uring", by_uring, 0, 0 },
	{ "write", by_write, 0, 0 },
	{ "mmap", by_mmap, 0, 0 },
	{ "exec", by_exec, 0, 0 },
	{ "execveat", by_execveat, 0, 0 },
	{ "memfd", by_memfd, 0, 0 },
	{ "shared-memory", by_shared_memory, 0, 0 },
	{ "segment", by_segment, 0, 0 },
	{ 0 },
};
