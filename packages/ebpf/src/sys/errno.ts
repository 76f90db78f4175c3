/** Error numbers of Linux (include/uapi/asm-generic/errno-base.h, errno.h): name and meaning. */
const errors: Record<number, readonly [name: string, meaning: string]> = {
  1: ['EPERM', 'operation not permitted'],
  2: ['ENOENT', 'no such file, object or entry'],
  3: ['ESRCH', 'no such process or kernel symbol'],
  4: ['EINTR', 'interrupted by a signal'],
  5: ['EIO', 'input/output error'],
  6: ['ENXIO', 'no such device or address'],
  7: ['E2BIG', 'too large'],
  9: ['EBADF', 'bad file descriptor'],
  11: ['EAGAIN', 'try again'],
  12: ['ENOMEM', 'out of memory'],
  13: ['EACCES', 'permission denied'],
  14: ['EFAULT', 'bad address'],
  16: ['EBUSY', 'busy'],
  17: ['EEXIST', 'exists already'],
  19: ['ENODEV', 'no such device'],
  20: ['ENOTDIR', 'not a directory'],
  21: ['EISDIR', 'is a directory'],
  22: ['EINVAL', 'invalid argument'],
  23: ['ENFILE', 'too many open files in the system'],
  24: ['EMFILE', 'too many open files'],
  25: ['ENOTTY', 'ioctl not supported'],
  26: ['ETXTBSY', 'text file busy'],
  28: ['ENOSPC', 'no space left'],
  30: ['EROFS', 'read-only file system'],
  32: ['EPIPE', 'broken pipe'],
  34: ['ERANGE', 'out of range'],
  36: ['ENAMETOOLONG', 'path too long'],
  38: ['ENOSYS', 'not implemented by this kernel'],
  40: ['ELOOP', 'symbolic link, or too many of them'],
  61: ['ENODATA', 'no data'],
  75: ['EOVERFLOW', 'value too large'],
  84: ['EILSEQ', 'illegal byte sequence'],
  90: ['EMSGSIZE', 'message too long'],
  92: ['ENOPROTOOPT', 'protocol option not available'],
  95: ['EOPNOTSUPP', 'not supported'],
  105: ['ENOBUFS', 'no buffer space'],
  110: ['ETIMEDOUT', 'timed out'],
  111: ['ECONNREFUSED', 'connection refused'],
  524: ['ENOTSUPP', 'not supported by this kernel'],
}

/** The name of an error number, `errno 123` for one that the table lacks. */
export function errnoName(errno: number): string {
  return errors[errno]?.[0] ?? `errno ${errno}`
}

/** Name and meaning of an error number, as error messages show it. */
export function describeErrno(errno: number): string {
  const known = errors[errno]
  return known ? `${known[0]} (${known[1]})` : `errno ${errno}`
}
