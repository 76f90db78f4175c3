import koffi from 'koffi'
import { SystemCallError } from './error.ts'

// null names the running process itself: Node.js links the C library, so its functions are found
// there without knowing the library's file name (glibc or musl).
const libc = koffi.load(null)

/** Numbers of the system calls that the C library has no function for. */
const numbers: Partial<Record<NodeJS.Architecture, { bpf: number; perfEventOpen: number }>> = {
  x64: { bpf: 321, perfEventOpen: 298 },
  arm64: { bpf: 280, perfEventOpen: 241 },
}

const number = numbers[process.arch]
if (!number)
  throw new Error(`unsupported architecture ${process.arch}: x64 and arm64 are supported`)

/** System call numbers of this machine's architecture. */
export const systemCall = number

// Every argument register is passed as a 64-bit integer. syscall(2) is variadic in C, but on both
// architectures variadic integers travel in the same registers as fixed ones.
const syscallFunction = libc.func('long syscall(long, long, long, long, long, long)')
/** syscall(2): raw return value, -1 on error with {@link lastErrno}. */
export const syscall: (n: number, a: number, b: number, c: number, d: number, e: number) => number =
  syscallFunction

/**
 * The same on another thread, for calls that may take long. Memory at the addresses must stay until
 * the promise is fulfilled.
 */
export function syscallOnThread(
  ...args: [n: number, a: number, b: number, c: number, d: number, e: number]
): Promise<{ readonly result: number; readonly errno: number }> {
  return new Promise((resolve, reject) => {
    syscallFunction.async(...args, (error: Error | null, result: number) => {
      if (error) reject(error)
      // In this callback it is that of the other thread.
      else resolve({ result, errno: koffi.errno() })
    })
  })
}

export const mmap: (
  address: number,
  length: number,
  protection: number,
  flags: number,
  fd: number,
  offset: number,
) => number = libc.func('long mmap(long, long, int, int, int, long)')
export const munmap: (address: number, length: number) => number =
  libc.func('int munmap(long, long)')
export const close: (fd: number) => number = libc.func('int close(int)')
export const ioctl: (fd: number, request: number, argument: number) => number = libc.func(
  'int ioctl(int, unsigned long, long)',
)
export const flock: (fd: number, operation: number) => number = libc.func('int flock(int, int)')
export const sysconf: (name: number) => number = libc.func('long sysconf(int)')
export const eventfd: (initial: number, flags: number) => number = libc.func(
  'int eventfd(unsigned int, int)',
)
export const read: (fd: number, address: number, length: number) => number = libc.func(
  'long read(int, long, long)',
)
export const write: (fd: number, address: number, length: number) => number = libc.func(
  'long write(int, long, long)',
)
/** write(2) and send(2) with the bytes of an array. */
export const writeBytes: (fd: number, bytes: Uint8Array, length: number) => number = libc.func(
  'long write(int, void *, long)',
)
export const sendBytes: (fd: number, bytes: Uint8Array, length: number, flags: number) => number =
  libc.func('long send(int, void *, long, int)')
export const socket: (family: number, type: number, protocol: number) => number = libc.func(
  'int socket(int, int, int)',
)
export const sendTo: (
  fd: number,
  bytes: Uint8Array,
  length: number,
  flags: number,
  address: Uint8Array,
  addressLength: number,
) => number = libc.func('long sendto(int, void *, long, int, void *, unsigned int)')
/** Value and length by their addresses. */
export const getsockopt: (
  fd: number,
  level: number,
  name: number,
  value: number,
  length: number,
) => number = libc.func('int getsockopt(int, int, int, long, long)')
export const fcntl: (fd: number, command: number, argument: number) => number = libc.func(
  'int fcntl(int, int, long)',
)
export const fanotifyInit: (flags: number, eventFlags: number) => number = libc.func(
  'int fanotify_init(unsigned int, unsigned int)',
)
export const fanotifyMark: (
  fd: number,
  flags: number,
  mask: number,
  folderFd: number,
  path: string,
) => number = libc.func('int fanotify_mark(int, unsigned int, uint64_t, int, const char *)')
export const prctl: (option: number, a: number, b: number, c: number, d: number) => number =
  libc.func('int prctl(int, long, long, long, long)')
export const alarm: (seconds: number) => number = libc.func('unsigned int alarm(unsigned int)')
export const exitGroup: (code: number) => void = libc.func('void _exit(int)')
export const poll: (address: number, count: number, timeoutMs: number) => number = libc.func(
  'int poll(long, unsigned long, int)',
)
/** Both of the calling thread if the pid is 0. */
export const schedGetscheduler: (pid: number) => number = libc.func('int sched_getscheduler(int)')
export const schedSetscheduler: (pid: number, policy: number, parameter: number) => number =
  libc.func('int sched_setscheduler(int, int, long)')
export const prlimit: (
  pid: number,
  resource: number,
  newLimit: number,
  oldLimit: number,
) => number = libc.func('int prlimit(int, int, long, long)')
export const clockGettime: (clock: number, address: number) => number = libc.func(
  'int clock_gettime(int, long)',
)
/** Signal sets by their addresses, 0 for none; of the thread that calls. */
export const pthreadSigmask: (how: number, set: number, previous: number) => number = libc.func(
  'int pthread_sigmask(int, long, long)',
)

/** The handler is an address, or 0 (default) or 1 (ignore). */
export const signal: (number: number, handler: number) => number =
  libc.func('long signal(int, long)')

/** errno of this thread's last failed call; read it before any other call. */
export function lastErrno(): number {
  return koffi.errno()
}

/** Sets what {@link lastErrno} returns. */
export function setErrno(errno: number): void {
  koffi.errno(errno)
}

/** An ArrayBuffer over native memory, without a copy. The memory must outlive every use of it. */
export function viewMemory(address: number, length: number): ArrayBuffer {
  return koffi.view(address, length)
}

/**
 * Passes a result through, or throws when it is negative.
 * @param action what was tried, for the message; a function when building it costs something
 */
export function check(result: number, action: string | (() => string)): number {
  if (result >= 0) return result
  const errno = lastErrno()
  throw new SystemCallError(typeof action === 'string' ? action : action(), errno)
}
