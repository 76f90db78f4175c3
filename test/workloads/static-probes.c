// Hits static probes with arguments in all forms: `static-probes COMMAND [WORD...] [-- COMMAND...]...`.
// The notes are written as those of <sys/sdt.h>, with the operands that a test needs.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "absent-page.h"
#include "commands.h"

/** The base that linkers move with the notes. */
__asm__(".pushsection .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,comdat\n"
	".weak _.stapsdt.base\n.hidden _.stapsdt.base\n"
	"_.stapsdt.base: .space 1\n.size _.stapsdt.base, 1\n.popsection\n");

/** The counter of the probe `counted`, which the kernel raises. */
volatile unsigned short probes_counted_semaphore __attribute__((section(".probes")));

// A note of the type NT_STAPSDT: address, base, semaphore, provider, name, arguments.
#define NOTE(name, semaphore, arguments)                                                           \
	"990: nop\n"                                                                               \
	".pushsection .note.stapsdt,\"?\",\"note\"\n"                                               \
	".balign 4\n.4byte 992f-991f, 994f-993f, 3\n"                                               \
	"991: .asciz \"stapsdt\"\n992: .balign 4\n"                                                 \
	"993: .8byte 990b\n.8byte _.stapsdt.base\n.8byte " semaphore "\n"                           \
	".asciz \"probes\"\n.asciz \"" name "\"\n.asciz \"" arguments "\"\n"                        \
	"994: .balign 4\n.popsection\n"

#ifndef __x86_64__
#error "only for x86-64"
#endif

/** Registers of all widths, one of them signed, and the second byte of one. */
static void in_registers(uint64_t value)
{
	__asm__ volatile(NOTE("registers", "0", "8@%%rax -4@%%eax 4@%%eax -2@%%ax 1@%%al 1@%%ah -1@%%al")
			 :
			 : "a"(value));
}

static void constants(void)
{
	__asm__ volatile(NOTE("constants", "0", "-4@$-7 8@$0x123456789a 4@$4294967295"));
}

struct values {
	int64_t before;
	int32_t number;
	uint16_t half;
	int8_t byte;
	const char *text;
};

/** Memory behind a register, with displacements: 8, 12 and 14 bytes, and a text. */
static void in_memory(const struct values *values)
{
	__asm__ volatile(NOTE("memory", "0", "-8@(%%rdx) -4@8(%%rdx) 2@12(%%rdx) -1@14(%%rdx) 8@16(%%rdx)")
			 :
			 : "d"(values)
			 : "memory");
}

/** An item of a table: base, index and scale. */
static void in_table(const int32_t *table, uint64_t index)
{
	__asm__ volatile(NOTE("table", "0", "-4@(%%rdx,%%rcx,4) -4@4(%%rdx,%%rcx,4)")
			 :
			 : "d"(table), "c"(index)
			 : "memory");
}

/** Nothing but notes refers to it. */
__attribute__((used)) int32_t probes_variable = 11;

static void in_variable(void)
{
	__asm__ volatile(NOTE("variable", "0", "-4@probes_variable(%%rip)") : : : "memory");
}

/** The same probe at two places with different arguments, and at a third like the first. */
static void at_places(int first, int second, int third)
{
	__asm__ volatile(NOTE("places", "0", "-4@%%esi") : : "S"(first));
	__asm__ volatile(NOTE("places", "0", "-4@(%%rdx)") : : "d"(&second) : "memory");
	__asm__ volatile(NOTE("places", "0", "-4@%%esi") : : "S"(third));
}

/** An argument that no program can read. */
static void unknown(void)
{
	__asm__ volatile(NOTE("unknown", "0", "8@%%xmm0 4@$1") :);
}

static void counted(int value)
{
	if (probes_counted_semaphore > 0)
		__asm__ volatile(NOTE("counted", "probes_counted_semaphore", "-4@%%eax") : : "a"(value));
}

/** @return what a policy has set */
static int32_t set(int32_t value)
{
	volatile int32_t variable = value;
	__asm__ volatile(NOTE("set", "0", "-4@(%%rdx) -4@%%ecx") : : "d"(&variable), "c"(value) : "memory");
	return variable;
}

/** Arguments in memory that nobody can write to. */
static void fixed(void)
{
	static const int32_t constants[] = {1, 2};
	__asm__ volatile(NOTE("fixed", "0", "-4@(%%rdx) -4@4(%%rdx)") : : "d"(constants) : "memory");
}

static void run(char **words)
{
	const char *command = words[0];
	struct values values = {-1, -2, 65535, -3, "text"};
	const int32_t table[] = {1, -20, 300};
	if (!strcmp(command, "registers"))
		in_registers(strtoull(words[1], NULL, 0));
	else if (!strcmp(command, "constants"))
		constants();
	else if (!strcmp(command, "memory"))
		in_memory(&values);
	else if (!strcmp(command, "absent"))
		in_memory(absent_page(&values, sizeof(values), 0));
	else if (!strcmp(command, "address"))
		in_memory((const struct values *)strtoul(words[1], NULL, 0));
	else if (!strcmp(command, "table"))
		in_table(table, (uint64_t)number(words[1]));
	else if (!strcmp(command, "variable"))
		in_variable();
	else if (!strcmp(command, "places"))
		at_places(1, 2, 3);
	else if (!strcmp(command, "unknown"))
		unknown();
	else if (!strcmp(command, "counted")) {
		counted((int)number(words[1]));
		printf("%u\n", probes_counted_semaphore);
	} else if (!strcmp(command, "unprobed"))
		while (probes_counted_semaphore > 0)
			usleep(1000);
	else if (!strcmp(command, "set"))
		printf("%d\n", set((int32_t)number(words[1])));
	else if (!strcmp(command, "fixed"))
		fixed();
	else if (!strcmp(command, "wait"))
		wait_for_byte();
	else
		exit(2);
}

int main(int argc, char **argv)
{
	return run_commands(argc, argv, run);
}
