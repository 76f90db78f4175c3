/*
 * noop [STATUS]
 *
 * Exits with STATUS (a decimal number, 0 unless given) and does nothing else. It has no C library:
 * starting it costs little more than what the kernel does for any program, which makes it the thing
 * to execute when the cost of execve itself is measured.
 */
#if defined(__x86_64__)
__asm__(".globl _start\n"
	"_start:\n"
	"	mov %rsp, %rdi\n"
	"	and $-16, %rsp\n"
	"	call start\n");

static void exit_group(long status)
{
	__asm__ volatile("syscall" : : "a"(231L), "D"(status) : "rcx", "r11", "memory");
}
#elif defined(__aarch64__)
__asm__(".globl _start\n"
	"_start:\n"
	"	mov x0, sp\n"
	"	bl start\n");

static void exit_group(long status)
{
	register long number __asm__("x8") = 94;
	register long argument __asm__("x0") = status;

	__asm__ volatile("svc 0" : : "r"(number), "r"(argument) : "memory");
}
#else
#error "noop: no system call for this architecture"
#endif

/* The stack as the kernel leaves it: argc, then the pointers of argv. */
__attribute__((used, noreturn)) void start(const long *stack)
{
	long status = 0;

	if (stack[0] > 1)
		for (const char *digit = (const char *)stack[2]; *digit >= '0' && *digit <= '9'; digit++)
			status = status * 10 + (*digit - '0');
	for (;;)
		exit_group(status);
}
