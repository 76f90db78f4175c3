/* An attack: operations by the name of the command line. */
#ifndef ATTACK_H
#define ATTACK_H

struct operation {
	const char *name;

	/*
	 * Attempts it on `target` once. Sets *byte if it had its effect. Returns the number of the
	 * error, or 0.
	 */
	int (*attempt)(volatile char *byte);

	/*
	 * Optional, and called by the worker before and after each attempt (not WAY thread): prepares
	 * something that this worker owns; whether the attempt has changed that.
	 */
	void (*prepare)(void);
	int (*happened)(void);
};

/* The operations of each kind, with an empty one at the end. */
extern const struct operation file_operations[];
extern const struct operation change_operations[];
extern const struct operation network_operations[];
extern const struct operation socket_operations[];
extern const struct operation raw_operations[];
extern const struct operation option_operations[];
extern const struct operation system_operations[];
extern const struct operation privilege_operations[];

struct io_uring_sqe;

/* Sends one request through a ring of its own. Returns the result; -1 and errno if it failed. */
int by_ring(const struct io_uring_sqe *request);

/*
 * Makes a system call of 32-bit programs; addresses must be low. Returns the result; -1 and errno if
 * it failed.
 */
long by_i386(long number, long a, long b, long c, long d, long e);

/* A path, or the number of a port. */
extern const char *target;

/* A path that only this worker uses: the target, the number of the worker and a suffix. */
const char *own_path(const char *suffix);

#endif
