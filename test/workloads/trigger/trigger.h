/* What the parts of the program `trigger` share. */
#ifndef TRIGGER_H
#define TRIGGER_H

#define _GNU_SOURCE
#include <stdint.h>

/* One thing that can be done: its words on the command line, and what does it. */
struct command {
	const char *name;
	/* Least number of words behind the name. */
	int words;
	/* 0, or -1 with errno. */
	long (*run)(int count, char **words);
};

/* Ends with an entry without a name. */
extern const struct command file_commands[];
extern const struct command path_commands[];
extern const struct command process_commands[];
extern const struct command kernel_commands[];
extern const struct command socket_commands[];
extern const struct command page_commands[];

/* The descriptor that commands work on: the one that was made last. */
extern int current_fd;

/* A number: decimal, 0x…, 0…; negative ones too. Ends the program when it is none. */
long long number(const char *word);

/* Runs a command of a table; ends the program when there is none of the name. */
int run_command(int count, char **words);

/* Runs commands that are separated by the word "--"; ends the program when one fails. */
void run_commands(int count, char **words);

#endif
