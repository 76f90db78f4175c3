/*
 * trigger COMMAND [WORD...] [-- COMMAND [WORD...]]...
 *
 * Does one thing after another that policies look for, in one process and without more system calls
 * than needed. Commands are in the tables of the other files of this folder; these are for order:
 *
 *   wait            goes on when a line comes from standard input
 *   try COMMAND…    the same as COMMAND, but may fail
 *   times N COMMAND…  N times
 *   fork COMMAND…   everything that follows in a child, whose end is waited for
 *   sibling COMMAND…  everything that follows in a child of the parent (CLONE_PARENT), whose end or
 *                   exec is waited for; the parent has to expect it
 *   thread COMMAND… everything that follows in a second thread
 *   exec PATH [WORD…]  becomes another program
 *
 * Exit status 1 when a command fails, with its reason; 2 when there is no such command.
 */
#include "trigger.h"
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int current_fd = -1;

struct words {
	int count;
	char **words;
};

static void run_one(int count, char **words);

long long number(const char *word)
{
	char *end;
	long long value;

	errno = 0;
	value = word[0] == '-' ? strtoll(word, &end, 0) : (long long)strtoull(word, &end, 0);
	if (errno || *end || !*word) {
		fprintf(stderr, "trigger: no number: %s\n", word);
		exit(2);
	}
	return value;
}

static const struct command *find_command(const char *name)
{
	static const struct command *const tables[] = {
		file_commands, path_commands, process_commands, kernel_commands, socket_commands,
		page_commands,
	};

	for (unsigned int i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		for (const struct command *command = tables[i]; command->name; command++)
			if (strcmp(command->name, name) == 0)
				return command;
	return NULL;
}

static int failed(const char *name)
{
	fprintf(stderr, "trigger: %s: %s\n", name, strerror(errno));
	return 1;
}

int run_command(int count, char **words)
{
	const struct command *command = count > 0 ? find_command(words[0]) : NULL;

	if (!command || count - 1 < command->words) {
		fprintf(stderr, "trigger: %s: no such command, or too few words\n",
			count > 0 ? words[0] : "nothing");
		exit(2);
	}
	return command->run(count - 1, words + 1) < 0;
}

static void run_in_child(int count, char **words)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		run_commands(count, words);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		exit(failed("fork"));
	if (status)
		exit(1);
}

static void run_in_sibling(int count, char **words)
{
	/* The parent waits for the end, so this side waits until the child releases its memory. */
	long child = syscall(SYS_clone, CLONE_PARENT | CLONE_VFORK | SIGCHLD, 0, 0, 0, 0);

	if (child == 0) {
		run_commands(count, words);
		_exit(0);
	}
	if (child < 0)
		exit(failed("sibling"));
}

static void *thread_body(void *argument)
{
	struct words *all = argument;

	run_commands(all->count, all->words);
	return NULL;
}

static void run_in_thread(int count, char **words)
{
	struct words all = { count, words };
	pthread_t thread;

	errno = pthread_create(&thread, NULL, thread_body, &all);
	if (!errno)
		errno = pthread_join(thread, NULL);
	if (errno)
		exit(failed("thread"));
}

static void wait_for_line(void)
{
	char byte;

	while (read(0, &byte, 1) == 1 && byte != '\n')
		;
}

static void run_one(int count, char **words)
{
	if (count == 1 && strcmp(words[0], "wait") == 0) {
		wait_for_line();
	} else if (count > 1 && strcmp(words[0], "try") == 0) {
		run_command(count - 1, words + 1);
	} else if (count > 2 && strcmp(words[0], "times") == 0) {
		for (long long i = number(words[1]); i > 0; i--)
			run_one(count - 2, words + 2);
	} else if (count > 1 && strcmp(words[0], "exec") == 0) {
		execv(words[1], words + 1);
		exit(failed("exec"));
	} else if (run_command(count, words)) {
		exit(failed(words[0]));
	}
}

void run_commands(int count, char **words)
{
	while (count > 0) {
		int length = 0;

		if (count > 1 && strcmp(words[0], "fork") == 0) {
			run_in_child(count - 1, words + 1);
			return;
		}
		if (count > 1 && strcmp(words[0], "sibling") == 0) {
			run_in_sibling(count - 1, words + 1);
			return;
		}
		if (count > 1 && strcmp(words[0], "thread") == 0) {
			run_in_thread(count - 1, words + 1);
			return;
		}
		while (length < count && strcmp(words[length], "--") != 0)
			length++;
		/* The list of a program's words has to end. */
		if (length < count)
			words[length] = NULL;
		run_one(length, words);
		words += length + 1;
		count -= length + 1;
	}
}

int main(int argc, char **argv)
{
	/* Without arguments, not even a name; Linux 5.18 adds an empty name. */
	if (argc == 0 || argv[0][0] == '\0') {
		lseek(-1, 5, 0);
		return 0;
	}
	if (argc < 2) {
		fprintf(stderr, "usage: trigger COMMAND [WORD...] [-- COMMAND [WORD...]]...\n");
		return 2;
	}
	run_commands(argc - 1, argv + 1);
	return 0;
}
