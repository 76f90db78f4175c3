/* Commands about the process itself: identity, capabilities, namespaces, signals. */
#include "trigger.h"
#include <linux/capability.h>
#include <linux/sched.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* setuid UID */
static long run_setuid(int count, char **words)
{
	(void)count;
	return syscall(SYS_setuid, (int)number(words[0]));
}

/* setgid GID */
static long run_setgid(int count, char **words)
{
	(void)count;
	return syscall(SYS_setgid, (int)number(words[0]));
}

/* setresuid REAL EFFECTIVE SAVED */
static long run_setresuid(int count, char **words)
{
	(void)count;
	return syscall(SYS_setresuid, (int)number(words[0]), (int)number(words[1]),
		       (int)number(words[2]));
}

/* capset EFFECTIVE PERMITTED INHERITABLE: masks. */
static long run_capset(int count, char **words)
{
	uint64_t sets[3];
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	(void)count;
	for (int i = 0; i < 3; i++)
		sets[i] = number(words[i]);
	for (int i = 0; i < 2; i++) {
		data[i].effective = sets[0] >> (32 * i);
		data[i].permitted = sets[1] >> (32 * i);
		data[i].inheritable = sets[2] >> (32 * i);
	}
	return syscall(SYS_capset, &header, data);
}

/* prctl OPTION [NUMBER...] */
static long run_prctl(int count, char **words)
{
	long long values[5] = { 0 };

	for (int i = 0; i < count && i < 5; i++)
		values[i] = number(words[i]);
	return syscall(SYS_prctl, values[0], values[1], values[2], values[3], values[4]);
}

/* unshare FLAGS: CLONE_NEW… of include/uapi/linux/sched.h */
static long run_unshare(int count, char **words)
{
	(void)count;
	return syscall(SYS_unshare, (int)number(words[0]));
}

/* Waits for a child that was cloned, which ends at once. */
static long end_cloned(long child)
{
	if (child == 0)
		_exit(0);
	return child < 0 ? -1 : waitpid(child, NULL, 0);
}

/* clone FLAGS: CLONE_NEW… of include/uapi/linux/sched.h, for a child that ends at once */
static long run_clone(int count, char **words)
{
	(void)count;
	return end_cloned(syscall(SYS_clone, number(words[0]) | SIGCHLD, 0, 0, 0, 0));
}

/* clone3 FLAGS: the same by the newer call */
static long run_clone3(int count, char **words)
{
	struct clone_args args = { .flags = number(words[0]), .exit_signal = SIGCHLD };

	(void)count;
	return end_cloned(syscall(SYS_clone3, &args, sizeof(args)));
}

/* setns PATH: a namespace's file */
static long run_setns(int count, char **words)
{
	int fd = open(words[0], O_RDONLY | O_CLOEXEC);

	(void)count;
	return fd < 0 ? -1 : setns(fd, 0);
}

/* kill SIGNAL [PID]: itself without one. Signal 0 does nothing. */
static long run_kill(int count, char **words)
{
	return syscall(SYS_kill, count > 1 ? (int)number(words[1]) : getpid(), (int)number(words[0]));
}

/* name TEXT: what the kernel calls this thread */
static long run_name(int count, char **words)
{
	(void)count;
	return prctl(PR_SET_NAME, words[0], 0, 0, 0);
}

/* ptrace: has itself traced by its parent */
static long run_ptrace(int count, char **words)
{
	(void)count, (void)words;
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

/* sethostname NAME */
static long run_sethostname(int count, char **words)
{
	(void)count;
	return sethostname(words[0], strlen(words[0]));
}

/* Changes the first word where it is: in the memory that the kernel shows as the command line. */
static long run_overwrite(int count, char **words)
{
	(void)count;
	memcpy(words[0], words[1], strnlen(words[1], strlen(words[0])));
	return 0;
}

const struct command process_commands[] = {
	{ "setuid", 1, run_setuid },
	{ "setgid", 1, run_setgid },
	{ "setresuid", 3, run_setresuid },
	{ "capset", 3, run_capset },
	{ "prctl", 1, run_prctl },
	{ "unshare", 1, run_unshare },
	{ "clone", 1, run_clone },
	{ "clone3", 1, run_clone3 },
	{ "setns", 1, run_setns },
	{ "kill", 1, run_kill },
	{ "name", 1, run_name },
	{ "ptrace", 0, run_ptrace },
	{ "sethostname", 1, run_sethostname },
	{ "overwrite", 2, run_overwrite },
	{ 0, 0, 0 },
};
