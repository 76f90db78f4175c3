/*
 * traced PROGRAM [ARGUMENT...]
 *
 * Runs the program, and traces it and all that it starts (ptrace), without changing anything.
 *
 * Exit status: that of the program, 128 and its signal if one ended it, or 2 if it cannot be traced.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static const long options = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
			    PTRACE_O_EXITKILL;

/* The signal that a stopped process continues with: those of tracing itself are not passed on. */
static int passed_on(int status)
{
	int signal = WSTOPSIG(status);

	return signal == SIGTRAP || signal == SIGSTOP ? 0 : signal;
}

int main(int argc, char **argv)
{
	int status;
	pid_t first;

	if (argc < 2)
		return 2;
	first = fork();
	if (first == 0) {
		if (ptrace(PTRACE_TRACEME, 0, 0, 0) == 0)
			execv(argv[1], argv + 1);
		_exit(2);
	}
	/* It stops when it has executed the program. */
	if (first < 0 || waitpid(first, &status, 0) != first || !WIFSTOPPED(status))
		return 2;
	if (ptrace(PTRACE_SETOPTIONS, first, 0, options) != 0)
		return 2;
	ptrace(PTRACE_CONT, first, 0, 0);
	for (;;) {
		pid_t pid = waitpid(-1, &status, __WALL);

		if (pid < 0)
			return 2;
		if (WIFSTOPPED(status))
			ptrace(PTRACE_CONT, pid, 0, passed_on(status));
		else if (pid == first)
			return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	}
}
