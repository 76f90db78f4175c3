/* Commands about memory that is mapped but absent when a system call gets its address. */
#include "trigger.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096

/* Maps a file with this text: its page is absent until something touches it. */
static char *absent_text(const char *text)
{
	int fd = memfd_create("absent", 0);
	char *page;

	if (fd < 0 || ftruncate(fd, PAGE) || pwrite(fd, text, strlen(text), 0) < 0)
		return NULL;
	page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (page == MAP_FAILED || madvise(page, PAGE, MADV_DONTNEED))
		return NULL;
	return page;
}

/* absent COMMAND WORD...: does it with words in pages of their own that are absent. */
static long run_absent(int count, char **words)
{
	char *absent[8];

	for (int i = 1; i < count && i < 8; i++) {
		absent[i] = absent_text(words[i]);
		if (!absent[i])
			return -1;
	}
	absent[0] = words[0];
	return run_command(count < 8 ? count : 8, absent);
}

/* open-bad ADDRESS: opens what has its name at an address that nothing is mapped at. */
static long run_open_bad(int count, char **words)
{
	long result = syscall(SYS_openat, AT_FDCWD, (char *)number(words[0]), O_RDONLY);

	(void)count;
	return result == -1 && errno == EFAULT ? 0 : -1;
}

static const char literal[PAGE] __attribute__((aligned(PAGE))) = "/etc/shadow";

/* open-literal: opens a name that stands in the program, in a page that nothing has used. */
static long run_open_literal(int count, char **words)
{
	(void)count;
	(void)words;
	if (madvise((void *)literal, PAGE, MADV_DONTNEED))
		return -1;
	close(syscall(SYS_openat, AT_FDCWD, literal, O_RDONLY));
	return 0;
}

struct race {
	char *page;
	int over;
};

static void *take_away(void *argument)
{
	struct race *race = argument;

	while (!__atomic_load_n(&race->over, __ATOMIC_RELAXED))
		madvise(race->page, PAGE, MADV_DONTNEED);
	return NULL;
}

/* open-race TIMES PATH: opens it while another thread keeps taking the name's page away. */
static long run_open_race(int count, char **words)
{
	struct race race = { .page = absent_text(words[1]) };
	pthread_t thread;

	(void)count;
	if (!race.page || pthread_create(&thread, NULL, take_away, &race))
		return -1;
	for (long long i = number(words[0]); i > 0; i--)
		close(syscall(SYS_openat, AT_FDCWD, race.page, O_RDONLY));
	__atomic_store_n(&race.over, 1, __ATOMIC_RELAXED);
	return pthread_join(thread, NULL);
}

const struct command page_commands[] = {
	{ "absent", 2, run_absent },
	{ "open-bad", 1, run_open_bad },
	{ "open-literal", 0, run_open_literal },
	{ "open-race", 2, run_open_race },
	{ 0, 0, 0 },
};
