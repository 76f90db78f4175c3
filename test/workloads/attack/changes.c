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

static struct stat now(void)
{
	struct stat state = { 0 };

	lstat(path, &state);
	return state;
}

/*
 * Prepares a file of this size without access for others, where an attempt has changed it. If it is
 * there from the beginning, a policy that refuses all changes does not stop this program itself.
 */
static void prepare(off_t size)
{
	struct stat file = now();
	int fd;

	if (S_ISREG(file.st_mode) && file.st_size == size && (file.st_mode & 0777) == 0600 &&
	    file.st_uid == 0 && getxattr(path, ATTRIBUTE, 0, 0) < 0 && access(other, F_OK) != 0)
		return;
	unlink(path);
	unlink(other);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	if (fd < 0 || (size && write(fd, "b", size) != size))
		_exit(3);
	close(fd);
}

static void name(void)
{
	named(path, "file");
	named(other, "other");
}

static void prepare_empty(void)
{
	name();
	prepare(0);
}

static void prepare_byte(void)
{
	name();
	prepare(1);
}

/* Removes nothing, so that a policy may forbid that. */
static void prepare_any(void)
{
	int fd;

	name();
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	if (access(path, F_OK) != 0)
		_exit(3);
	close(fd);
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

/* Without opening the file for writing. */
static int by_open_truncate(volatile char *byte)
{
	int fd = open(path, O_RDONLY | O_TRUNC);

	(void)byte;
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
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
	{ "append", by_append, prepare_empty, appended },
	{ "truncate", by_truncate, prepare_byte, truncated },
	{ "open-truncate", by_open_truncate, prepare_byte, truncated },
	{ "rename", by_rename, prepare_empty, other_exists },
	{ "link", by_link, prepare_empty, other_exists },
	{ "symlink", by_symlink, prepare_empty, other_exists },
	{ "unlink", by_unlink, prepare_any, is_gone },
	{ "chmod", by_chmod, prepare_empty, mode_changed },
	{ "chown", by_chown, prepare_empty, owner_changed },
	{ "setxattr", by_setxattr, prepare_empty, attribute_set },
	{ 0 },
};
