// Calls functions that hooks in user space are about: `probed COMMAND [WORD...] [-- COMMAND...]...`.

#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absent-page.h"
#include "commands.h"

#define PROBED __attribute__((noinline, noclone, used))

static jmp_buf way_out;

/** The counter of a static probe, which the kernel raises. */
volatile unsigned short probed_counter __attribute__((section(".probes")));

struct inner {
	const char *name;
	int number;
};

struct outer {
	long before;
	struct inner *inner;
};

PROBED int takes_numbers(int a, long b, unsigned char c)
{
	__asm__ volatile("");
	return a + (int)b + c;
}

/** A symbol marks an instruction that is not its first one. */
PROBED long takes_six(long a, long b, long c, long d, long e, long f)
{
	__asm__ volatile("nop\n.type takes_six_inside, %function\ntakes_six_inside:");
	return a + b + c + d + e + f;
}

PROBED int takes_text(const char *text)
{
	__asm__ volatile("" : : "r"(text) : "memory");
	return 7;
}

PROBED long takes_bytes(const char *bytes, size_t size)
{
	__asm__ volatile("" : : "r"(bytes) : "memory");
	return (long)size;
}

PROBED void fills(char *bytes, size_t size)
{
	memset(bytes, 'f', size);
	__asm__ volatile("" : : "r"(bytes) : "memory");
}

PROBED int takes_structure(struct outer *outer)
{
	__asm__ volatile("" : : "r"(outer) : "memory");
	return 0;
}

PROBED int calls_itself(int depth)
{
	int below = depth > 0 ? calls_itself(depth - 1) : 0;
	__asm__ volatile("");
	return below + 1;
}

PROBED int leaves(int value)
{
	if (value > 0)
		longjmp(way_out, value);
	return 0;
}

PROBED int forks(int status)
{
	pid_t child = fork();
	if (child == 0)
		_exit(status);
	int result = 0;
	waitpid(child, &result, 0);
	return WEXITSTATUS(result);
}

PROBED int executes(const char *path)
{
	execl(path, path, (char *)NULL);
	return -1;
}

PROBED int counted(void)
{
	__asm__ volatile("");
	return probed_counter;
}

/** Called as Go calls functions: the text and its length are in the first two registers of Go. */
PROBED void go_takes_text(void)
{
	__asm__ volatile("");
}

static void call_as_go(const char *text, long length)
{
#ifdef __x86_64__
	__asm__ volatile("sub $128, %%rsp\n\tcall go_takes_text\n\tadd $128, %%rsp"
			 :
			 : "a"(text), "b"(length)
			 : "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory", "cc");
#else
	register const char *first __asm__("x0") = text;
	register long second __asm__("x1") = length;
	__asm__ volatile("bl go_takes_text" : "+r"(first), "+r"(second) : : "x30", "memory");
#endif
}

static char *absent_text(const char *text, size_t at)
{
	return absent_page(text, strlen(text) + 1, at);
}

static void run(char **words)
{
	const char *command = words[0];
	if (!strcmp(command, "numbers"))
		takes_numbers((int)number(words[1]), number(words[2]), (unsigned char)number(words[3]));
	else if (!strcmp(command, "six")) {
		long six[] = {1, 2, 3, 4, 5, 6};
		for (int i = 0; i < 6 && words[i + 1] && strcmp(words[i + 1], "--"); i++)
			six[i] = number(words[i + 1]);
		takes_six(six[0], six[1], six[2], six[3], six[4], six[5]);
	} else if (!strcmp(command, "text"))
		takes_text(words[1]);
	else if (!strcmp(command, "go-text"))
		call_as_go(words[1], number(words[2]));
	else if (!strcmp(command, "address"))
		takes_text((const char *)strtoul(words[1], NULL, 0));
	else if (!strcmp(command, "absent"))
		takes_text(absent_text(words[1], (size_t)number(words[2])));
	else if (!strcmp(command, "absent-bytes"))
		takes_bytes(absent_text(words[1], 4096 - strlen(words[1]) / 2), strlen(words[1]));
	else if (!strcmp(command, "bytes"))
		takes_bytes(words[1], strlen(words[1]));
	else if (!strcmp(command, "fills")) {
		char bytes[64];
		fills(bytes, (size_t)number(words[1]));
	} else if (!strcmp(command, "structure")) {
		struct inner inner = {words[1], (int)number(words[2])};
		struct outer outer = {1, &inner};
		takes_structure(&outer);
	} else if (!strcmp(command, "nested"))
		calls_itself((int)number(words[1]));
	else if (!strcmp(command, "leaves")) {
		if (setjmp(way_out) == 0)
			leaves((int)number(words[1]));
	} else if (!strcmp(command, "forks"))
		forks((int)number(words[1]));
	else if (!strcmp(command, "executes"))
		executes(words[1]);
	else if (!strcmp(command, "counter"))
		printf("%d\n", counted());
	else if (!strcmp(command, "code"))
		printf("%02x\n", *(const unsigned char *)takes_six);
	else if (!strcmp(command, "loop"))
		for (long i = number(words[1]); i > 0; i--)
			takes_numbers((int)i, 0, 0);
	else if (!strcmp(command, "wait"))
		wait_for_byte();
	else
		exit(2);
}

int main(int argc, char **argv)
{
	return run_commands(argc, argv, run);
}
