#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "attack.h"

/* Attempts to change a file of the worker. */

#define ATTRIBUTE "trusted.attack"

static char path[4096], other[4096];

static const char *named(char *buffer, const char *suffix)
{
	snprintf(buffer, sizeof(path), "%s", own_path(suffix));
	return buffer;
}

/*
 * The three ways to prepare the file use no operation that a policy may forbid at the same time:
 * creating it if it is gone, ...
 */
static void keep(void)
{
	int fd = open(named(path, "file"), O_WRONLY | O_CREAT, 0600);

	if (fd < 0)
		_exit(3);
	close(fd);
}

/* ... creating it again, without what an attempt has left, ... */
static void create(void)
{
	unlink(named(path, "file"));
	unlink(named(other, "other"));
	keep();
}

/* ... and the same with one byte. */
static void create_full(void)
{
	int fd;

	create();
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, "b", 1) != 1)
		_exit(3);
	close(fd);
}

static struct stat now(void)
{
	struct stat state = { 0 };

	stat(path, &state);
	return state;
}

static int result(int value)
{
	return value < 0 ? errno : 0;
}

static int by_append(volatile char *byte)
{
	int fd = open(path, O_WRONLY | O_APPEND), error;

	(void)byte;
	if (fd < 0)
		return errno;
	error = result(write(fd, "w", 1));
	close(fd);
	return error;
}

static int appended(void)
{
	return now().st_size == 1;
}

static int by_truncate(volatile char *byte)
{
	(void)byte;
	return result(truncate(path, 0));
}

static int truncated(void)
{
	return now().st_size == 0;
}

static int by_rename(volatile char *byte)
{
	(void)byte;
	return result(rename(path, other));
}

static int by_link(volatile char *byte)
{
	(void)byte;
	return result(link(path, other));
}

static int by_symlink(volatile char *byte)
{
	(void)byte;
	return result(symlink(path, other));
}

static int other_exists(void)
{
	return access(other, F_OK) == 0;
}

static int by_unlink(volatile char *byte)
{
	(void)byte;
	return result(unlink(path));
}

static int is_gone(void)
{
	return access(path, F_OK) != 0;
}

static int by_chmod(volatile char *byte)
{
	(void)byte;
	return result(chmod(path, 0777));
}

static int mode_changed(void)
{
	return (now().st_mode & 0777) == 0777;
}

static int by_chown(volatile char *byte)
{
	(void)byte;
	return result(chown(path, 12, 12));
}

static int owner_changed(void)
{
	return now().st_uid == 12;
}

static int by_setxattr(volatile char *byte)
{
	(void)byte;
	return result(setxattr(path, ATTRIBUTE, "x", 1, 0));
}

static int attribute_set(void)
{
	return getxattr(path, ATTRIBUTE, 0, 0) == 1;
}

const struct operation change_operations[] = {
	{ "append", by_append, create, appended },
	{ "truncate", by_truncate, create_full, truncated },
	{ "rename", by_rename, create, other_exists },
	{ "link", by_link, create, other_exists },
	{ "symlink", by_symlink, create, other_exists },
	{ "unlink", by_unlink, keep, is_gone },
	{ "chmod", by_chmod, create, mode_changed },
	{ "chown", by_chown, create, owner_changed },
	{ "setxattr", by_setxattr, create, attribute_set },
	{ 0 },
};
