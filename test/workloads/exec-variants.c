/*
 * exec-variants VARIANT PATH [ARGUMENT...]
 *
 * Replaces itself by the program PATH, in ways that shells do not offer:
 *
 *   empty-argv   execve with no argument at all, not even argv[0]
 *   odd-environment  execve with entries in the environment that are not variables
 *   memfd        the program is copied to memory without a name and executed from there
 *   dirfd        execveat with the directory of PATH as a descriptor and a relative path
 *   fd           execveat of an open descriptor with an empty path
 *   file-caps    PATH gets CAP_NET_RAW as a file capability first, and user 65534 executes it
 *   thread       execve in a thread that is not the first one, while others are at work
 *   vfork        execve in a child that shares the memory; its exit status is passed on
 *   sibling      the same in a child of the parent (CLONE_PARENT), whose end the parent waits for
 *   int80        execve as a 32-bit call (x86 only)
 *
 * The arguments go to the program behind argv[0] = PATH. Exit status 1 when it cannot be executed.
 */
#define _GNU_SOURCE
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
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

static void execute_in_vfork(char **argv)
{
	int status;
	pid_t child = vfork();

	if (child == 0) {
		execve(argv[0], argv, environ);
		_exit(1);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		fail("exec-variants: vfork");
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static void execute_in_sibling(char **argv)
{
	long child = syscall(SYS_clone, CLONE_PARENT | CLONE_VFORK | SIGCHLD, 0, 0, 0, 0);

	if (child == 0) {
		execve(argv[0], argv, environ);
		_exit(1);
	}
	if (child < 0)
		fail("exec-variants: clone");
	_exit(0);
}

/* 32-bit calls have pointers of 32 bits. The program gets no other argument and no environment. */
static void execute_by_int80(const char *path)
{
#if defined(__x86_64__)
	const size_t page = 4096;
	char *low = mmap(0, 2 * page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	unsigned int *argv = (unsigned int *)(low + page);
	long result;

	if (low == MAP_FAILED || strlen(path) >= page)
		fail("exec-variants: mmap");
	strcpy(low, path);
	argv[0] = (unsigned long)low;
	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(11), "b"(low), "c"(argv), "d"(argv + 1)
			 : "memory", "r8", "r9", "r10", "r11");
	errno = -result;
#else
	(void)path;
	errno = ENOSYS;
#endif
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
	} else if (strcmp(way, "odd-environment") == 0) {
		char *odd[] = { "", "=x", "LD_PRELOAD", "LD_AUDIT=1", "LD_PRELOAD=2", "LD_AUDIT=3",
				"", NULL };

		execve(path, program_argv, odd);
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
	} else if (strcmp(way, "vfork") == 0) {
		execute_in_vfork(program_argv);
	} else if (strcmp(way, "sibling") == 0) {
		execute_in_sibling(program_argv);
	} else if (strcmp(way, "int80") == 0) {
		execute_by_int80(path);
	} else if (strcmp(way, "thread") == 0) {
		for (int i = 0; i < other_threads; i++)
			start_thread(be_busy, NULL);
		start_thread(execute_in_thread, program_argv);
		for (;;)
			pause();
	}
	fail("exec-variants: execute");
}
