// Programs that carry out the commands of their arguments: `COMMAND [WORD...] [-- COMMAND...]...`.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline long number(const char *word)
{
	return strtol(word, NULL, 0);
}

/** Waits for a byte from standard input. */
static inline void wait_for_byte(void)
{
	fflush(stdout);
	char byte;
	if (read(0, &byte, 1) < 0)
		exit(4);
}

/** Carries out all commands; `run` gets each with the words after it. */
static inline int run_commands(int argc, char **argv, void (*run)(char **words))
{
	for (int at = 1; at < argc; at++) {
		run(argv + at);
		while (at < argc && strcmp(argv[at], "--"))
			at++;
	}
	return 0;
}
