#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "attack.h"

/* Attempts to use devices and sysctls. */

static int opened(int fd, volatile char *byte)
{
	if (fd < 0)
		return errno;
	*byte = 'd';
	close(fd);
	return 0;
}

static int device(volatile char *byte)
{
	return opened(open(target, O_RDONLY), byte);
}

static int device_uring(volatile char *byte)
{
	struct io_uring_sqe request = {
		.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (unsigned long)target,
	};

	return opened(by_ring(&request), byte);
}

/* Makes a node of the device of /dev/full: Documentation/admin-guide/devices.txt */
static int make_node(const char *path)
{
	return mknod(path, S_IFCHR | 0600, makedev(1, 7));
}

static void prepare_node(void)
{
	make_node(own_path("node"));
}

static int other_node(volatile char *byte)
{
	return opened(open(own_path("node"), O_RDONLY), byte);
}

static int node(volatile char *byte)
{
	(void)byte;
	return make_node(own_path("new")) < 0 ? errno : 0;
}

static int has_node(void)
{
	return unlink(own_path("new")) == 0;
}

/* The sysctl TARGET of the worker's own network namespace, by a path. */
static const char *setting;

static int value_of_setting(void)
{
	char text[32] = { 0 };
	int fd = open(target, O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		_exit(3);
	close(fd);
	return atoi(text);
}

static int last_value;

/* Makes the namespaces; `bound` uses the sysctl at another path. */
static void own_setting(int bound)
{
	if (!setting) {
		if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0 ||
		    mount(0, "/", 0, MS_REC | MS_PRIVATE, 0) < 0)
			_exit(3);
		setting = target;
		if (bound) {
			static char path[4096];
			char *name = strrchr(target, '/');

			snprintf(path, sizeof(path), "%.*s", (int)(name - target), target);
			if (mount(path, "/mnt", 0, MS_BIND, 0) < 0)
				_exit(3);
			snprintf(path, sizeof(path), "/mnt%s", name);
			setting = path;
		}
	}
	last_value = value_of_setting();
}

static void prepare_setting(void)
{
	own_setting(0);
}

static void prepare_bound_setting(void)
{
	own_setting(1);
}

static int has_changed(void)
{
	return value_of_setting() != last_value;
}

static int set(int by_uring)
{
	char text[32];
	int size = snprintf(text, sizeof(text), "%d", last_value % 100 + 50);
	int fd = open(setting, O_WRONLY), error = 0;
	struct io_uring_sqe request = {
		.opcode = IORING_OP_WRITE, .fd = fd, .addr = (unsigned long)text, .len = size,
	};

	if (fd < 0 || (by_uring ? by_ring(&request) : write(fd, text, size)) < 0)
		error = errno;
	close(fd);
	return error;
}

static int by_write(volatile char *byte)
{
	(void)byte;
	return set(0);
}

static int by_uring_write(volatile char *byte)
{
	(void)byte;
	return set(1);
}

const struct operation system_operations[] = {
	{ "device", device, 0, 0 },
	{ "device-uring", device_uring, 0, 0 },
	{ "other-node", other_node, prepare_node, 0 },
	{ "node", node, 0, has_node },
	{ "sysctl", by_write, prepare_setting, has_changed },
	{ "sysctl-uring", by_uring_write, prepare_setting, has_changed },
	{ "sysctl-bound", by_write, prepare_bound_setting, has_changed },
	{ 0 },
};
