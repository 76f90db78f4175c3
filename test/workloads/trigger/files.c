/* Commands about descriptors. Those that make one set the current descriptor. */
#include "trigger.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

static long keep(int fd)
{
	if (fd >= 0)
		current_fd = fd;
	return fd;
}

/* open PATH [FLAGS [MODE]]: by openat(2); the flags are a number. */
static long run_open(int count, char **words)
{
	int flags = count > 1 ? number(words[1]) : O_RDONLY;
	int mode = count > 2 ? number(words[2]) : 0600;

	return keep(syscall(SYS_openat, AT_FDCWD, words[0], flags, mode));
}

/* close [FD] */
static long run_close(int count, char **words)
{
	return syscall(SYS_close, count > 0 ? (int)number(words[0]) : current_fd);
}

/* read SIZE */
static long run_read(int count, char **words)
{
	size_t size = number(words[0]);
	char *buffer = malloc(size + 1);
	long result = syscall(SYS_read, current_fd, buffer, size);

	(void)count;
	free(buffer);
	return result;
}

/* write TEXT */
static long run_write(int count, char **words)
{
	(void)count;
	return syscall(SYS_write, current_fd, words[0], strlen(words[0]));
}

/* write-bytes SIZE: that many bytes, 0 to 250 again and again. */
static long run_write_bytes(int count, char **words)
{
	size_t size = number(words[0]);
	unsigned char *buffer = malloc(size + 1);
	long result;

	(void)count;
	for (size_t i = 0; i < size; i++)
		buffer[i] = i % 251;
	result = syscall(SYS_write, current_fd, buffer, size);
	free(buffer);
	return result;
}

/* write-at ADDRESS SIZE: memory that need not be there. */
static long run_write_at(int count, char **words)
{
	(void)count;
	return syscall(SYS_write, current_fd, number(words[0]), number(words[1]));
}

static int vector(int count, char **words, struct iovec *parts)
{
	for (int i = 0; i < count && i < 64; i++)
		parts[i] = (struct iovec){ words[i], strlen(words[i]) };
	return count < 64 ? count : 64;
}

/* writev TEXT... */
static long run_writev(int count, char **words)
{
	struct iovec parts[64];

	return syscall(SYS_writev, current_fd, parts, vector(count, words, parts));
}

/* readv SIZE */
static long run_readv(int count, char **words)
{
	struct iovec part = { malloc(number(words[0]) + 1), number(words[0]) };
	long result = syscall(SYS_readv, current_fd, &part, 1);

	(void)count;
	free(part.iov_base);
	return result;
}

/* lseek FD OFFSET WHENCE: numbers as they are, 64, 64 and 64 bits. */
static long run_lseek(int count, char **words)
{
	(void)count;
	return syscall(SYS_lseek, number(words[0]), number(words[1]), number(words[2]));
}

/* ftruncate SIZE */
static long run_ftruncate(int count, char **words)
{
	(void)count;
	return syscall(SYS_ftruncate, current_fd, number(words[0]));
}

/* dup */
static long run_dup(int count, char **words)
{
	(void)count, (void)words;
	return keep(syscall(SYS_dup, current_fd));
}

/* dup3 FD: the current descriptor under this number too. */
static long run_dup3(int count, char **words)
{
	(void)count;
	return keep(syscall(SYS_dup3, current_fd, (int)number(words[0]), 0));
}

/* pipe: the current descriptor is its writing end. */
static long run_pipe(int count, char **words)
{
	int ends[2];

	(void)count, (void)words;
	return syscall(SYS_pipe2, ends, 0) < 0 ? -1 : keep(ends[1]);
}

/* memfd NAME */
static long run_memfd(int count, char **words)
{
	(void)count;
	return keep(syscall(SYS_memfd_create, words[0], 0));
}

/* socketpair: two local sockets. */
static long run_socketpair(int count, char **words)
{
	int ends[2];

	(void)count, (void)words;
	return socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0 ? -1 : keep(ends[1]);
}

/* mmap PROT SIZE: of the current descriptor, or of nothing if there is none. */
static long run_mmap(int count, char **words)
{
	int flags = MAP_PRIVATE | (current_fd < 0 ? MAP_ANONYMOUS : 0);
	void *at = mmap(NULL, number(words[1]), number(words[0]), flags, current_fd, 0);

	(void)count;
	return at == MAP_FAILED ? -1 : 0;
}

/* setxattr NAME VALUE: of the current descriptor. */
static long run_setxattr(int count, char **words)
{
	(void)count;
	return fsetxattr(current_fd, words[0], words[1], strlen(words[1]), 0);
}

const struct command file_commands[] = {
	{ "open", 1, run_open },
	{ "close", 0, run_close },
	{ "read", 1, run_read },
	{ "write", 1, run_write },
	{ "write-bytes", 1, run_write_bytes },
	{ "write-at", 2, run_write_at },
	{ "writev", 1, run_writev },
	{ "readv", 1, run_readv },
	{ "lseek", 3, run_lseek },
	{ "ftruncate", 1, run_ftruncate },
	{ "dup", 0, run_dup },
	{ "dup3", 1, run_dup3 },
	{ "pipe", 0, run_pipe },
	{ "memfd", 1, run_memfd },
	{ "socketpair", 0, run_socketpair },
	{ "mmap", 2, run_mmap },
	{ "setxattr", 2, run_setxattr },
	{ 0, 0, 0 },
};
