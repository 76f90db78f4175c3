#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/** A copy of some bytes, at an offset of two pages of a file that are not in memory of the process. */
static inline void *absent_page(const void *bytes, size_t size, size_t at)
{
	char name[] = "/tmp/absent-page-XXXXXX";
	int file = mkstemp(name);
	unlink(name);
	if (file < 0 || ftruncate(file, 8192) || pwrite(file, bytes, size, at) < 0)
		exit(3);
	char *pages = mmap(NULL, 8192, PROT_READ, MAP_SHARED, file, 0);
	if (pages == MAP_FAILED || madvise(pages, 8192, MADV_DONTNEED))
		exit(3);
	return pages + at;
}
