/*
 * exec-storm
 *
 * Starts processes as fast as it can, in all ways that the kernel's order of fork, exec and exit
 * allows: vfork, posix_spawn, execs in threads, children of the parent (CLONE_PARENT), chains of
 * execs and of forks, orphans, and leaders that end before their threads. Each calls umask(2), and
 * some execute a program once and then live for half a second. It ends with its parent; what it has
 * started ends by itself.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char self[4096];
static char stack[65536] __attribute__((aligned(16)));

static void hit(int count)
{
	for (int i = 0; i < count; i++)
		umask(022);
}

/* Executes this program again: a mode, and how often it does so once more. */
static void again(const char *mode, int left)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", left);
	execl(self, self, mode, text, NULL);
	_exit(1);
}

static void *exec_in_thread(void *mode)
{
	hit(1);
	again(mode, 1);
	return NULL;
}

static void *hit_in_thread(void *unused)
{
	hit(2);
	return unused;
}

static int exec_as_sibling(void *mode)
{
	hit(1);
	again(mode, 1);
	return 0;
}

static int hit_as_sibling(void *unused)
{
	(void)unused;
	hit(2);
	_exit(0);
}

static void sibling(int (*run)(void *), void *mode)
{
	clone(run, stack + sizeof(stack), CLONE_PARENT | SIGCHLD, mode);
}

/* A process replaces its image; `family` leaves a child behind that does so a little later. */
static void run_chain(int left, int is_family)
{
	hit(1);
	if (left > 0 && is_family && fork() == 0) {
		usleep(left * 150);
		again("chain", 1);
	}
	if (left > 0)
		again(is_family ? "family" : "chain", left - 1);
	_exit(0);
}

static void linger(void)
{
	for (int i = 0; i < 10; i++) {
		hit(1);
		usleep(50000);
	}
	_exit(0);
}

static void orphans(char *mode, int count)
{
	for (int i = 0; i < count; i++) {
		hit(1);
		if (fork() != 0)
			_exit(0);
	}
	again(mode, 1);
}

static void in_child(unsigned kind, char *mode)
{
	pthread_t thread;

	switch (kind) {
	case 0:
		hit(1);
		again(mode, 2);
		break;
	case 1:
		pthread_create(&thread, NULL, exec_in_thread, mode);
		for (;;)
			pause();
	case 2:
		orphans(mode, 1);
		break;
	case 3:
		orphans(mode, 5);
		break;
	case 4:
		sibling(exec_as_sibling, mode);
		again("chain", 0);
		break;
	case 5:
		sibling(hit_as_sibling, NULL);
		pthread_create(&thread, NULL, hit_in_thread, NULL);
		pthread_exit(NULL);
	case 6:
		again("family", 2);
		break;
	}
	_exit(1);
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	int left = argc > 2 ? atoi(argv[2]) : 0;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return 1;
	if (strcmp(mode, "linger") == 0)
		linger();
	if (strcmp(mode, "chain") == 0 || strcmp(mode, "family") == 0)
		run_chain(left, mode[0] == 'f');
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (unsigned i = 0;; i++) {
		/* So that few live at a time. */
		char *what = i % 400 < 9 ? "linger" : "chain";
		char *arguments[] = { self, what, "1", NULL };
		unsigned kind = i % 9;
		pid_t pid = 0;

		if (kind == 7) {
			pid = vfork();
			if (pid == 0) {
				execv(self, arguments);
				_exit(1);
			}
		} else if (kind == 8) {
			posix_spawn(&pid, self, NULL, NULL, arguments, environ);
		} else {
			pid = fork();
			if (pid == 0)
				in_child(kind, what);
		}
		if (what[0] == 'c')
			waitpid(pid, NULL, 0);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}
