#define _GNU_SOURCE
#include <errno.h>
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "attack.h"

int by_ring(const struct io_uring_sqe *request)
{
	struct io_uring_params params = { 0 };
	int ring = syscall(SYS_io_uring_setup, 1, &params), result;
	char *queues;
	struct io_uring_sqe *entry;
	size_t size = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);

	if (ring < 0)
		return -1;
	if (size < params.sq_off.array + params.sq_entries * sizeof(unsigned))
		size = params.sq_off.array + params.sq_entries * sizeof(unsigned);
	queues = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
	entry = mmap(0, sizeof(*entry), PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
	if (queues == MAP_FAILED || entry == MAP_FAILED)
		return -1;
	*entry = *request;
	((unsigned *)(queues + params.sq_off.array))[0] = 0;
	*(unsigned *)(queues + params.sq_off.tail) = 1;
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, 0, 0) < 0)
		result = -errno;
	else
		result = ((struct io_uring_cqe *)(queues + params.cq_off.cqes))->res;
	munmap(queues, size);
	munmap(entry, sizeof(*entry));
	close(ring);
	if (result < 0) {
		errno = -result;
		return -1;
	}
	return result;
}
