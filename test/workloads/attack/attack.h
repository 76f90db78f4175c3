/* An attack: operations by the name of the command line. */
#ifndef ATTACK_H
#define ATTACK_H

/*
 * Attempts an operation on `target` once. Sets *byte if it had its effect. Returns the number of the
 * error, or 0.
 */
struct operation {
	const char *name;
	int (*attempt)(volatile char *byte);
};

/* The operations of each kind, with an empty one at the end. */
extern const struct operation file_operations[];
extern const struct operation network_operations[];

struct io_uring_sqe;

/* Sends one request through a ring of its own. Returns the result; -1 and errno if it failed. */
int by_ring(const struct io_uring_sqe *request);

/* A path, or the number of a port. */
extern const char *target;

#endif
