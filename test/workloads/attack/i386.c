#define _GNU_SOURCE
#include <errno.h>
#include "attack.h"

long by_i386(long number, long a, long b, long c, long d, long e)
{
#ifdef __x86_64__
	long result;
	register long fifth __asm__("rdi") = e;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "r"(fifth)
			 : "memory", "r8", "r9", "r10", "r11");
	result = (int)result;
	if (result >= 0)
		return result;
	errno = -result;
#else
	(void)number, (void)a, (void)b, (void)c, (void)d, (void)e;
	errno = ENOSYS;
#endif
	return -1;
}
