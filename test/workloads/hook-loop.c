/*
 * hook-loop COUNT OPERATION [PATH] [in-namespace]
 *
 * Does an operation that policies hook COUNT times and prints what one took as a line of JSON:
 *
 *   wallNs   wall time of one, nanoseconds
 *   cpuNs    CPU time of this process for one, user and system, nanoseconds
 *
 * Operations: `open` opens PATH, reads from it and closes it; `write` writes a byte to PATH, which
 * stays open; `connect` connects to a port of its own on loopback and closes; `send` also sends
 * 64 bytes; `listen` has a new socket listen; `unshare` leaves the namespace of the machine's name,
 * `unshare-files` the table of descriptors; `mount` asks for a mount on a folder that is not there;
 * `execute` starts the program PATH and waits for its end. With `in-namespace` it runs in a pid namespace of its own, as a process that does not
 * descend from the first one there, and in a mount namespace with an empty /etc/opt to write in.
 *
 * Exit status: 0, or 1 when an operation failed, 2 for bad arguments.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int port, descriptor;

static void fail(const char *what)
{
	fprintf(stderr, "hook-loop: %s: %s\n", what, strerror(errno));
	exit(1);
}

static long long now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static void open_once(const char *path)
{
	char buffer[64];
	int fd = open(path, O_RDONLY);

	if (fd < 0 || read(fd, buffer, sizeof(buffer)) < 0)
		fail(path);
	close(fd);
}

static void write_once(const char *path)
{
	if (write(descriptor, "x", 1) != 1)
		fail(path);
}

static void connect_once(int send_too)
{
	static const char data[64];
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
	/* A reset instead of a wait state, so that ports do not run out. */
	struct linger linger = { .l_onoff = 1 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		fail("connect");
	if (send_too && send(fd, data, sizeof(data), 0) != sizeof(data))
		fail("send");
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(fd);
}

static void listen_once(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || listen(fd, 1) < 0)
		fail("listen");
	close(fd);
}

static void mount_once(void)
{
	if (mount("nothing", "/no/such/folder", "tmpfs", 0, NULL) == 0 || errno != ENOENT)
		fail("mount");
}

static void execute_once(const char *path)
{
	int status;
	pid_t pid = vfork();

	if (pid == 0) {
		execl(path, path, NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		fail(path);
}

static void do_once(const char *operation, const char *path)
{
	if (strcmp(operation, "open") == 0)
		open_once(path);
	else if (strcmp(operation, "write") == 0)
		write_once(path);
	else if (strcmp(operation, "listen") == 0)
		listen_once();
	else if (strcmp(operation, "unshare") == 0)
		unshare(CLONE_NEWUTS);
	else if (strcmp(operation, "unshare-files") == 0)
		unshare(CLONE_FILES);
	else if (strcmp(operation, "mount") == 0)
		mount_once();
	else if (strcmp(operation, "execute") == 0)
		execute_once(path);
	else
		connect_once(strcmp(operation, "send") == 0);
}

/* Accepts and closes for as long as its parent lives. */
static pid_t start_server(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	pid_t pid;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&address, length) < 0 || listen(fd, 4096) < 0)
		fail("listen");
	getsockname(fd, (struct sockaddr *)&address, &length);
	port = ntohs(address.sin_port);
	pid = fork();
	if (pid == 0) {
		for (;;)
			close(accept(fd, NULL, NULL));
	}
	close(fd);
	return pid;
}

/* Goes on in a child that is the second process of a new pid namespace. */
static void enter_namespace(void)
{
	pid_t first, second;
	int status;

	/* A folder below /etc to write in, which nobody else sees. */
	if (unshare(CLONE_NEWPID | CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", "/etc/opt", "tmpfs", 0, NULL) < 0)
		fail("unshare");
	first = fork();
	if (first == 0) {
		pause();
		_exit(0);
	}
	second = fork();
	if (second == 0)
		return;
	waitpid(second, &status, 0);
	kill(first, SIGKILL);
	waitpid(first, NULL, 0);
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

int main(int argc, char **argv)
{
	long count = argc > 2 ? atol(argv[1]) : 0;
	const char *operation = argc > 2 ? argv[2] : "", *path = argc > 3 ? argv[3] : "";
	long long wall, cpu;
	pid_t server = 0;

	if (count <= 0) {
		fprintf(stderr, "usage: hook-loop COUNT OPERATION [PATH] [in-namespace]\n");
		return 2;
	}
	if (strcmp(argv[argc - 1], "in-namespace") == 0)
		enter_namespace();
	if (strcmp(operation, "write") == 0) {
		descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		if (descriptor < 0)
			fail(path);
	} else if (strcmp(operation, "connect") == 0 || strcmp(operation, "send") == 0) {
		server = start_server();
	}
	wall = now(CLOCK_MONOTONIC);
	cpu = now(CLOCK_PROCESS_CPUTIME_ID);
	for (long i = 0; i < count; i++)
		do_once(operation, path);
	cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	wall = now(CLOCK_MONOTONIC) - wall;
	printf("{\"wallNs\":%.1f,\"cpuNs\":%.1f}\n", (double)wall / count, (double)cpu / count);
	if (server > 0)
		kill(server, SIGKILL);
	return 0;
}
