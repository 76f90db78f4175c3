/* Commands about the kernel's own objects: programs, maps, performance events, modules. */
#include "trigger.h"
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static long bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/* bpf-map NAME TYPE KEY VALUE ENTRIES */
static long run_bpf_map(int count, char **words)
{
	union bpf_attr attr;

	(void)count;
	memset(&attr, 0, sizeof(attr));
	attr.map_type = number(words[1]);
	attr.key_size = number(words[2]);
	attr.value_size = number(words[3]);
	attr.max_entries = number(words[4]);
	strncpy(attr.map_name, words[0], sizeof(attr.map_name) - 1);
	return bpf(BPF_MAP_CREATE, &attr);
}

/* bpf-program NAME TYPE: r0 = 0; exit */
static long run_bpf_program(int count, char **words)
{
	static const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr;

	(void)count;
	memset(&attr, 0, sizeof(attr));
	attr.prog_type = number(words[1]);
	attr.insns = (uintptr_t)code;
	attr.insn_cnt = sizeof(code) / sizeof(*code);
	attr.license = (uintptr_t)"GPL";
	strncpy(attr.prog_name, words[0], sizeof(attr.prog_name) - 1);
	return bpf(BPF_PROG_LOAD, &attr);
}

/* perf TYPE CONFIG: an event of this process */
static long run_perf(int count, char **words)
{
	struct perf_event_attr attr;

	(void)count;
	memset(&attr, 0, sizeof(attr));
	attr.size = sizeof(attr);
	attr.type = number(words[0]);
	attr.config = number(words[1]);
	return syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

/* init-module TEXT: something that is no module */
static long run_init_module(int count, char **words)
{
	(void)count;
	return syscall(SYS_init_module, words[0], strlen(words[0]), "");
}

/* syscall NUMBER [WORD...]: numbers, but texts behind a @ */
static long run_syscall(int count, char **words)
{
	long values[7] = { 0 };

	for (int i = 0; i < count && i < 7; i++)
		values[i] = words[i][0] == '@' ? (long)(words[i] + 1) : (long)number(words[i]);
	return syscall(values[0], values[1], values[2], values[3], values[4], values[5], values[6]);
}

#ifdef __x86_64__
/* syscall32 NUMBER [WORD...]: by the 32-bit gate; up to three numbers */
static long run_syscall32(int count, char **words)
{
	uint32_t values[4] = { 0 };
	long result;

	for (int i = 0; i < count && i < 4; i++)
		values[i] = number(words[i]);
	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"((long)values[0]), "b"((long)values[1]), "c"((long)values[2]),
			   "d"((long)values[3])
			 : "memory", "r8", "r9", "r10", "r11");
	return result < 0 ? -1 : 0;
}
#endif

const struct command kernel_commands[] = {
	{ "bpf-map", 5, run_bpf_map },
	{ "bpf-program", 2, run_bpf_program },
	{ "perf", 2, run_perf },
	{ "init-module", 1, run_init_module },
	{ "syscall", 1, run_syscall },
#ifdef __x86_64__
	{ "syscall32", 1, run_syscall32 },
#endif
	{ 0, 0, 0 },
};
