/* Commands about files by their names. */
#include "trigger.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* unlink PATH */
static long run_unlink(int count, char **words)
{
	(void)count;
	return syscall(SYS_unlinkat, AT_FDCWD, words[0], 0);
}

/* rename OLD NEW */
static long run_rename(int count, char **words)
{
	(void)count;
	return syscall(SYS_renameat2, AT_FDCWD, words[0], AT_FDCWD, words[1], 0);
}

/* link OLD NEW */
static long run_link(int count, char **words)
{
	(void)count;
	return link(words[0], words[1]);
}

/* symlink OLD NEW */
static long run_symlink(int count, char **words)
{
	(void)count;
	return symlink(words[0], words[1]);
}

/* mkdir PATH */
static long run_mkdir(int count, char **words)
{
	(void)count;
	return syscall(SYS_mkdirat, AT_FDCWD, words[0], 0700);
}

/* mknod PATH MODE DEVICE: the type is in the mode. */
static long run_mknod(int count, char **words)
{
	(void)count;
	return mknod(words[0], number(words[1]), number(words[2]));
}

/* chmod PATH MODE */
static long run_chmod(int count, char **words)
{
	(void)count;
	return syscall(SYS_fchmodat, AT_FDCWD, words[0], (int)number(words[1]));
}

/* chown PATH UID GID */
static long run_chown(int count, char **words)
{
	(void)count;
	return chown(words[0], number(words[1]), number(words[2]));
}

/* truncate PATH SIZE */
static long run_truncate(int count, char **words)
{
	(void)count;
	return syscall(SYS_truncate, words[0], number(words[1]));
}

/* chdir PATH */
static long run_chdir(int count, char **words)
{
	(void)count;
	return chdir(words[0]);
}

/* chroot PATH */
static long run_chroot(int count, char **words)
{
	(void)count;
	return chroot(words[0]);
}

/* mount SOURCE TARGET TYPE [FLAGS] */
static long run_mount(int count, char **words)
{
	return mount(words[0], words[1], words[2], count > 3 ? number(words[3]) : 0, NULL);
}

/* umount TARGET */
static long run_umount(int count, char **words)
{
	(void)count;
	return umount2(words[0], 0);
}

const struct command path_commands[] = {
	{ "unlink", 1, run_unlink },
	{ "rename", 2, run_rename },
	{ "link", 2, run_link },
	{ "symlink", 2, run_symlink },
	{ "mkdir", 1, run_mkdir },
	{ "mknod", 3, run_mknod },
	{ "chmod", 2, run_chmod },
	{ "chown", 3, run_chown },
	{ "truncate", 2, run_truncate },
	{ "chdir", 1, run_chdir },
	{ "chroot", 1, run_chroot },
	{ "mount", 3, run_mount },
	{ "umount", 1, run_umount },
	{ 0, 0, 0 },
};
