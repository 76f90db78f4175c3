#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "attack.h"

/* Attempts to gain privileges, or to use those of root. */

#define RAMFS_MAGIC 0x858458f6
#define OTHER_ID 1000

/* Notes success. Descriptors and memory end with the child. */
static int got(long result, volatile char *byte)
{
	if (result < 0)
		return errno;
	*byte = 'p';
	return 0;
}

static int by_setuid(volatile char *byte)
{
	return got(setuid(OTHER_ID), byte);
}

static int by_setgid(volatile char *byte)
{
	return got(setgid(OTHER_ID), byte);
}

static int by_capset(volatile char *byte)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2];

	if (syscall(SYS_capget, &head, sets) < 0)
		return errno;
	return got(syscall(SYS_capset, &head, sets), byte);
}

static int by_unshare(volatile char *byte)
{
	return got(unshare(CLONE_NEWUSER), byte);
}

/* The worker becomes a traced process; it does not stop, and is free when the child ends. */
static int by_ptrace(volatile char *byte)
{
	return got(ptrace(PTRACE_SEIZE, getppid(), 0, 0), byte);
}

/* The child, which has not executed anything, offers itself to the worker. */
static int by_traceme(volatile char *byte)
{
	return got(ptrace(PTRACE_TRACEME, 0, 0, 0), byte);
}

/* A byte of the worker, which is mapped at the same address in the child. */
static volatile char of_worker;

static int by_vm_write(volatile char *byte)
{
	char new_byte = 'p';
	struct iovec from = { &new_byte, 1 }, to = { (void *)&of_worker, 1 };

	(void)byte;
	return process_vm_writev(getppid(), &from, 1, &to, 1, 0) < 0 ? errno : 0;
}

static int by_memory_file(volatile char *byte)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", getppid());
	fd = open(path, O_RDWR);
	if (fd < 0)
		return errno;
	(void)byte;
	return pwrite(fd, "p", 1, (off_t)(unsigned long)&of_worker) < 0 ? errno : 0;
}

/* The worker itself never writes it. */
static int is_written(void)
{
	char written = of_worker;

	of_worker = 0;
	return written != 0;
}

/* The descriptor 3 of the worker, which the child has closed. */
static int by_descriptor(volatile char *byte)
{
	int pidfd = syscall(SYS_pidfd_open, getppid(), 0);

	close(3);
	return got(pidfd < 0 ? pidfd : syscall(SYS_pidfd_getfd, pidfd, 3, 0), byte);
}

static int by_bpf(volatile char *byte)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = 4,
		.value_size = 4,
		.max_entries = 1,
	};

	return got(syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)), byte);
}

/* What is loaded is no module: the effect is that the kernel looks at it. */
static int by_module(volatile char *byte)
{
	static const char nothing[128];
	long result = syscall(SYS_init_module, nothing, sizeof(nothing), "");

	return got(result < 0 && errno == ENOEXEC ? 0 : result, byte);
}

static int by_module_file(volatile char *byte)
{
	int fd = open(target, O_RDONLY);
	long result = syscall(SYS_finit_module, fd, "", 0);

	return got(result < 0 && errno == ENOEXEC ? 0 : result, byte);
}

static int by_perf(volatile char *byte)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
	};

	return got(syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0), byte);
}

static void make_folder(void)
{
	mkdir(own_path("folder"), 0700);
}

static int by_mount(volatile char *byte)
{
	(void)byte;
	return mount("attack", own_path("folder"), "ramfs", 0, 0) < 0 ? errno : 0;
}

static int is_mounted(void)
{
	struct statfs state = { 0 };
	const char *folder = own_path("folder");
	int is = statfs(folder, &state) == 0 && (unsigned long)state.f_type == RAMFS_MAGIC;

	if (is)
		umount2(folder, MNT_DETACH);
	rmdir(folder);
	return is;
}

static long find_key(void)
{
	const char *name = own_path("key");

	return syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING, "user", name, 0);
}

static int by_add_key(volatile char *byte)
{
	(void)byte;
	return syscall(SYS_add_key, "user", own_path("key"), "k", 1, KEY_SPEC_USER_KEYRING) < 0 ? errno : 0;
}

static int has_key(void)
{
	long key = find_key();

	if (key < 0)
		return 0;
	syscall(SYS_keyctl, KEYCTL_UNLINK, key, KEY_SPEC_USER_KEYRING);
	return 1;
}

const struct operation privilege_operations[] = {
	{ "setuid", by_setuid, 0, 0 },
	{ "setgid", by_setgid, 0, 0 },
	{ "capset", by_capset, 0, 0 },
	{ "unshare", by_unshare, 0, 0 },
	{ "ptrace", by_ptrace, 0, 0 },
	{ "traceme", by_traceme, 0, 0 },
	{ "vm-write", by_vm_write, 0, is_written },
	{ "memory-file", by_memory_file, 0, is_written },
	{ "descriptor", by_descriptor, 0, 0 },
	{ "bpf", by_bpf, 0, 0 },
	{ "init-module", by_module, 0, 0 },
	{ "finit-module", by_module_file, 0, 0 },
	{ "perf-event", by_perf, 0, 0 },
	{ "mount", by_mount, make_folder, is_mounted },
	{ "add-key", by_add_key, 0, has_key },
	{ 0 },
};
