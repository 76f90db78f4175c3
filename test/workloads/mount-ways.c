/*
 * mount-ways WAY FOLDER GROUP CAPABILITY
 *
 * Changes mounts once, in the way of the tables below, from a control group GROUP and without the
 * capability CAPABILITY (a number; -1: with all), in a mount namespace of its own. What the way needs
 * is mounted before on FOLDER, by another process, which also looks for the effect afterwards.
 *
 * Prints one line of JSON: effect (0 or 1), killed (the signal), error (the number of the error).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

/* include/uapi/linux/fs.h; sys/mount.h does not agree with linux/mount.h in older C libraries. */
#define REMOUNT 32
#define BIND 4096
#define MOVE 8192
#define REC 16384
#define PRIVATE (1 << 18)
#define DETACH 2
#define RAMFS_MAGIC 0x858458f6

/* Below 4 GiB for 32-bit calls, since this program is linked statically. */
static char source[4096], target[4096], limited[4096];
static int tree = -1;
static volatile int *seen;

static long do_mount(const char *from, const char *to, const char *type, unsigned long flags,
		     const char *data)
{
	return syscall(SYS_mount, from, to, type, flags, data);
}

static void need(long result, const char *what)
{
	if (result >= 0)
		return;
	perror(what);
	exit(3);
}

static int exists(const char *folder, const char *name)
{
	char path[8192];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return access(path, F_OK) == 0;
}

static long by_mount(void)
{
	return do_mount("none", target, "ramfs", 0, 0);
}

static long by_int80(void)
{
#if defined(__x86_64__)
	static const char type[] = "ramfs";
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(21), "b"(type), "c"(target), "d"(type), "S"(0), "D"(0)
			 : "memory", "r8", "r9", "r10", "r11");
	errno = -result;
	return result < 0 ? -1 : 0;
#else
	errno = ENOSYS;
	return -1;
#endif
}

static int is_ramfs(void)
{
	struct statfs state = { 0 };

	return statfs(target, &state) == 0 && (unsigned long)state.f_type == RAMFS_MAGIC;
}

static long by_bind(void)
{
	return do_mount(source, target, 0, BIND, 0);
}

static long by_move(void)
{
	return do_mount(source, target, 0, MOVE, 0);
}

static int has_source(void)
{
	return exists(target, "file");
}

static long by_remount(void)
{
	return do_mount("none", limited, 0, REMOUNT, "size=8m");
}

static long by_fsconfig(void)
{
	int fd = syscall(SYS_fspick, AT_FDCWD, limited, 0);

	if (fd < 0 || syscall(SYS_fsconfig, fd, FSCONFIG_SET_STRING, "size", "8m", 0) < 0)
		return -1;
	return syscall(SYS_fsconfig, fd, FSCONFIG_CMD_RECONFIGURE, 0, 0, 0);
}

static int is_larger(void)
{
	struct statfs state = { 0 };

	return statfs(limited, &state) == 0 && state.f_blocks * state.f_bsize > 4 << 20;
}

static long by_unmount(void)
{
	return syscall(SYS_umount2, limited, DETACH);
}

static int is_unmounted(void)
{
	return !exists(limited, "file");
}

static long by_pivot(void)
{
	return chdir(source) < 0 ? -1 : syscall(SYS_pivot_root, ".", "old");
}

/* The root of this process changes, too. */
static int is_root(void)
{
	return exists("/", "file") && exists("/", "old");
}

static long by_fsmount(void)
{
	int fd = syscall(SYS_fsopen, "ramfs", 0), mounted;

	if (fd < 0 || syscall(SYS_fsconfig, fd, FSCONFIG_CMD_CREATE, 0, 0, 0) < 0)
		return -1;
	mounted = syscall(SYS_fsmount, fd, 0, 0);
	*seen = mounted >= 0;
	return mounted;
}

static void copy_tree(void)
{
	tree = syscall(SYS_open_tree, AT_FDCWD, source, OPEN_TREE_CLONE);
	need(tree, "mount-ways: open_tree");
}

static long by_move_mount(void)
{
	return syscall(SYS_move_mount, tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH);
}

static long by_open_tree(void)
{
	int fd = syscall(SYS_open_tree, AT_FDCWD, source, OPEN_TREE_CLONE);

	*seen = fd >= 0 && faccessat(fd, "file", F_OK, 0) == 0;
	return fd;
}

static long by_setattr(void)
{
	const struct { unsigned long set, clear, propagation, user; } nosuid = { 2, 0, 0, 0 };

	return syscall(442, AT_FDCWD, limited, 0, &nosuid, sizeof(nosuid));
}

static int has_attribute(void)
{
	struct statfs state = { 0 };

	return statfs(limited, &state) == 0 && (state.f_flags & 2);
}

static long in_user_namespace(void)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 || by_bind() < 0)
		return -1;
	*seen = has_source();
	return 0;
}

static int was_seen(void)
{
	return *seen;
}

static const struct way {
	const char *name;
	void (*prepare)(void);
	long (*attempt)(void);
	int (*happened)(void);
} ways[] = {
	{ "mount", 0, by_mount, is_ramfs },
	{ "int80", 0, by_int80, is_ramfs },
	{ "bind", 0, by_bind, has_source },
	{ "move", 0, by_move, has_source },
	{ "remount", 0, by_remount, is_larger },
	{ "fsconfig", 0, by_fsconfig, is_larger },
	{ "unmount", 0, by_unmount, is_unmounted },
	{ "pivot-root", 0, by_pivot, is_root },
	{ "fsmount", 0, by_fsmount, was_seen },
	{ "move-mount", copy_tree, by_move_mount, has_source },
	{ "open-tree", 0, by_open_tree, was_seen },
	{ "mount-setattr", 0, by_setattr, has_attribute },
	{ "user-namespace", 0, in_user_namespace, was_seen },
	{ 0 },
};

static void make_folder(char *path, const char *folder, const char *name, const char *data)
{
	char inner[8192];

	snprintf(path, 4096, "%s/%s", folder, name);
	need(mkdir(path, 0700), "mount-ways: mkdir");
	if (!data)
		return;
	need(do_mount("none", path, "tmpfs", 0, data), "mount-ways: mount");
	snprintf(inner, sizeof(inner), "%s/file", path);
	need(creat(inner, 0600), "mount-ways: creat");
	snprintf(inner, sizeof(inner), "%s/old", path);
	need(mkdir(inner, 0700), "mount-ways: mkdir");
}

static void prepare(const char *folder)
{
	need(unshare(CLONE_NEWNS), "mount-ways: unshare");
	need(do_mount("none", "/", 0, REC | PRIVATE, 0), "mount-ways: private");
	need(do_mount("none", folder, "tmpfs", 0, 0), "mount-ways: mount");
	make_folder(source, folder, "source", "size=2m");
	make_folder(limited, folder, "limited", "size=2m");
	make_folder(target, folder, "target", 0);
}

static void enter_group(const char *group)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", group);
	fd = open(path, O_WRONLY);
	need(fd, "mount-ways: group");
	need(write(fd, "0", 1), "mount-ways: group");
	close(fd);
}

static void drop(int capability)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2];
	unsigned int bit;

	if (capability < 0)
		return;
	bit = 1U << (capability & 31);
	need(prctl(PR_CAPBSET_DROP, capability, 0, 0, 0), "mount-ways: prctl");
	need(syscall(SYS_capget, &head, sets), "mount-ways: capget");
	sets[capability >> 5].permitted &= ~bit;
	sets[capability >> 5].effective &= ~bit;
	sets[capability >> 5].inheritable &= ~bit;
	need(syscall(SYS_capset, &head, sets), "mount-ways: capset");
}

int main(int argc, char **argv)
{
	const struct way *way = ways;
	int status;

	while (argc == 5 && way->name && strcmp(way->name, argv[1]))
		way++;
	if (argc != 5 || !way->name) {
		fprintf(stderr, "usage: mount-ways WAY FOLDER GROUP CAPABILITY\n");
		return 2;
	}
	seen = mmap(0, sizeof(*seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	prepare(argv[2]);
	if (way->prepare)
		way->prepare();
	if (fork() == 0) {
		enter_group(argv[3]);
		drop(atoi(argv[4]));
		_exit(way->attempt() < 0 ? errno : 0);
	}
	need(wait(&status), "mount-ways: wait");
	printf("{\"effect\":%d,\"killed\":%d,\"error\":%d}\n", way->happened(),
	       WIFSIGNALED(status) ? WTERMSIG(status) : 0, WIFEXITED(status) ? WEXITSTATUS(status) : 0);
	return 0;
}
