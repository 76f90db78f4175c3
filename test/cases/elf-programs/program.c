/* Functions and static probes of several kinds, without headers of a C library. */

#include "probes.h"

/* A test looks for this value at the offset of the semaphore. */
unsigned short wanted_semaphore __attribute__((section(".probes"), used)) = 0x5a5a;

static int counts[4] __attribute__((used));
int total;

/* Inlined twice: the probe has two places. */
static inline __attribute__((always_inline)) void count(int value)
{
	PROBE("count", "0", "-4@%0 4@$7", "r"(value));
	total += value;
}

static __attribute__((noinline)) int helper(int value, char letter, int *list)
{
	PROBE("helper", "wanted_semaphore", "-4@%0 -1@%1 -4@%2 -4@%3", "r"(value), "q"(letter),
	      "m"(total), "m"(list[value & 3]));
	return value + letter + list[value & 3];
}

static int choose_first(void)
{
	return 1;
}

static int (*resolve_chosen(void))(void)
{
	return choose_first;
}

int chosen(void) __attribute__((ifunc("resolve_chosen")));

__attribute__((weak, noinline)) int weakly(int value)
{
	return value * 3;
}

int main(int argc, char **argv)
{
	count(argc);
	counts[1] = helper(argc, argv[0][0], counts);
	count(counts[1]);
	__builtin_printf("%d %d\n", weakly(total) + chosen(), (int)__builtin_strlen(argv[0]));
	return 0;
}
