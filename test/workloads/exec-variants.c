/*
 * exec-variants VARIANT PATH [ARGUMENT...]
 *
 * Replaces itself by the program PATH, in ways that shells do not offer:
 *
 *   empty-argv   execve with no argument at all, not even argv[0]
 *   memfd        the program is copied to memory without a name and executed from there
 *   dirfd        execveat with the directory of PATH as a descriptor and a relative path
 *   fd           execveat of an open descriptor with an empty path
 *   file-caps    PATH gets CAP_NET_RAW as a file capability first, and user 65534 executes it
 *   thread       execve in a thread that is not the first one, while others are at work
 *
 * The arguments go to the program behind argv[0] = PATH. Exit status 1 when it cannot be executed.
 */
#define _GNU_SOURCE
#include <endian.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/capability.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

extern char **environ;

static const int other_threads = 8;
static volatile unsigned long work_done;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int execute_fd(int fd, const char *path, char **argv, int flags)
{
	return syscall(SYS_execveat, fd, path, argv, environ, flags);
}

static void *be_busy(void *unused)
{
	(void)unused;
	for (;;)
		work_done++;
	return NULL;
}

static void *execute_in_thread(void *argv)
{
	execve(((char **)argv)[0], argv, environ);
	fail("exec-variants: execve");
	return NULL;
}

static void start_thread(void *(*run)(void *), void *argument)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, argument) != 0)
		fail("exec-variants: pthread_create");
}

static int copy_to_memory(const char *path)
{
	struct stat info;
	int from = open(path, O_RDONLY | O_CLOEXEC);
	int to = memfd_create("exec-variants", MFD_CLOEXEC);

	if (from < 0 || to < 0 || fstat(from, &info) < 0)
		fail("exec-variants: open");
	if (sendfile(to, from, NULL, info.st_size) != info.st_size)
		fail("exec-variants: copy");
	return to;
}

static void give_capability(const char *path, int capability)
{
	struct vfs_cap_data data = {
		.magic_etc = htole32(VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE),
		.data[0].permitted = htole32(1U << capability),
	};

	if (setxattr(path, "security.capability", &data, XATTR_CAPS_SZ_2, 0) < 0)
		fail("exec-variants: setxattr");
}

static void become_nobody(void)
{
	const int nobody = 65534;

	if (setgid(nobody) < 0 || setuid(nobody) < 0)
		fail("exec-variants: setuid");
}

int main(int argc, char **argv)
{
	char *way = argv[1], *path = argv[2], **program_argv = argv + 2;

	if (argc < 3) {
		fprintf(stderr, "usage: exec-variants VARIANT PATH [ARGUMENT...]\n");
		return 2;
	}
	if (strcmp(way, "empty-argv") == 0) {
		char *none[] = { NULL };

		execve(path, none, environ);
	} else if (strcmp(way, "memfd") == 0) {
		execute_fd(copy_to_memory(path), "", program_argv, AT_EMPTY_PATH);
	} else if (strcmp(way, "fd") == 0) {
		execute_fd(open(path, O_PATH | O_CLOEXEC), "", program_argv, AT_EMPTY_PATH);
	} else if (strcmp(way, "dirfd") == 0) {
		char *copy = strdup(path);
		const char *name = strrchr(path, '/') + 1;

		execute_fd(open(dirname(copy), O_PATH | O_CLOEXEC), name, program_argv, 0);
	} else if (strcmp(way, "file-caps") == 0) {
		give_capability(path, CAP_NET_RAW);
		become_nobody();
		execve(path, program_argv, environ);
	} else if (strcmp(way, "thread") == 0) {
		for (int i = 0; i < other_threads; i++)
			start_thread(be_busy, NULL);
		start_thread(execute_in_thread, program_argv);
		for (;;)
			pause();
	}
	fail("exec-variants: execute");
}
