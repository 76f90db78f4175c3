/*
 * Maps files to execute them: mapper COMMAND [WORD...]...
 *
 * exec PATH        maps a file executable
 * protect PATH     maps a file readable, then makes the mapping executable
 * delete PATH      removes a file, then maps it executable
 * memfd NAME       maps a file in memory executable
 * anonymous        maps memory without a file executable
 * thread PATH      maps a file executable in another thread
 * storm PATH N     maps a file executable N times
 * deep NAME N      makes and enters N folders, each in the one before
 * move FROM TO     renames a file
 * chroot FOLDER    enters a mount namespace and a root folder
 * pidns            continues in a child in a pid namespace
 * wait             reads a byte of standard input
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { size = 4096 };

static void *map(int fd, int protection, int flags)
{
	void *memory = mmap(NULL, size, protection, flags, fd, 0);
	if (memory == MAP_FAILED)
		err(1, "mmap");
	return memory;
}

static int open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err(1, "open %s", path);
	return fd;
}

static void *map_file(void *path)
{
	return map(open_file(path), PROT_READ | PROT_EXEC, MAP_PRIVATE);
}

static void make_executable(const char *path)
{
	void *memory = map(open_file(path), PROT_READ, MAP_PRIVATE);
	if (mprotect(memory, size, PROT_READ | PROT_EXEC) != 0)
		err(1, "mprotect");
}

static void map_deleted(const char *path)
{
	int fd = open_file(path);
	if (unlink(path) != 0)
		err(1, "unlink");
	map(fd, PROT_READ | PROT_EXEC, MAP_PRIVATE);
}

static void map_memfd(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, size) != 0)
		err(1, "memfd_create");
	map(fd, PROT_READ | PROT_EXEC, MAP_PRIVATE);
}

static void start_thread(char *path)
{
	pthread_t thread;
	if (pthread_create(&thread, NULL, map_file, path) != 0)
		errx(1, "pthread_create");
	pthread_join(thread, NULL);
}

static void storm(const char *path, long count)
{
	int fd = open_file(path);
	while (count-- > 0) munmap(map(fd, PROT_READ | PROT_EXEC, MAP_PRIVATE), size);
}

static void enter_folders(const char *name, long count)
{
	while (count-- > 0) {
		if (mkdir(name, 0700) != 0 || chdir(name) != 0)
			err(1, "enter %s", name);
	}
}

static void move(const char *from, const char *to)
{
	if (rename(from, to) != 0)
		err(1, "rename %s", from);
}

static void enter_root(const char *folder)
{
	if (unshare(CLONE_NEWNS) != 0 || chroot(folder) != 0 || chdir("/") != 0)
		err(1, "chroot");
}

static void enter_pid_namespace(void)
{
	if (unshare(CLONE_NEWPID) != 0)
		err(1, "unshare");
	pid_t child = fork();
	if (child < 0)
		err(1, "fork");
	if (child == 0)
		return;
	int status;
	if (waitpid(child, &status, 0) != child)
		err(1, "waitpid");
	exit(WEXITSTATUS(status));
}

static void wait_for_input(void)
{
	char byte;
	if (read(0, &byte, 1) < 0)
		err(1, "read");
}

/* Executes the command at WORD. Returns its last word. */
static char **execute(char **word)
{
	const char *command = *word;
	if (strcmp(command, "anonymous") == 0)
		map(-1, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS);
	else if (strcmp(command, "pidns") == 0)
		enter_pid_namespace();
	else if (strcmp(command, "wait") == 0)
		wait_for_input();
	else if (strcmp(command, "exec") == 0)
		map_file(*++word);
	else if (strcmp(command, "protect") == 0)
		make_executable(*++word);
	else if (strcmp(command, "delete") == 0)
		map_deleted(*++word);
	else if (strcmp(command, "memfd") == 0)
		map_memfd(*++word);
	else if (strcmp(command, "thread") == 0)
		start_thread(*++word);
	else if (strcmp(command, "chroot") == 0)
		enter_root(*++word);
	else if (strcmp(command, "storm") == 0)
		storm(word[1], atol(word[2])), word += 2;
	else if (strcmp(command, "deep") == 0)
		enter_folders(word[1], atol(word[2])), word += 2;
	else if (strcmp(command, "move") == 0)
		move(word[1], word[2]), word += 2;
	else
		errx(2, "unknown command %s", command);
	return word;
}

int main(int argc, char **argv)
{
	for (char **word = argv + 1; word < argv + argc; word++)
		word = execute(word);
	return 0;
}
