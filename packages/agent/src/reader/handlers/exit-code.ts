/**
 * Linux signal names by number, from 1 on (include/uapi/asm-generic/signal.h; not mips, parisc).
 */
const names = [
  ...['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE'],
  ...['SIGKILL', 'SIGUSR1', 'SIGSEGV', 'SIGUSR2', 'SIGPIPE', 'SIGALRM', 'SIGTERM', 'SIGSTKFLT'],
  ...['SIGCHLD', 'SIGCONT', 'SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGURG', 'SIGXCPU'],
  ...['SIGXFSZ', 'SIGVTALRM', 'SIGPROF', 'SIGWINCH', 'SIGIO', 'SIGPWR', 'SIGSYS'],
]

const firstRealTime = 34
const lastRealTime = 64

/**
 * Name of a signal, such as `SIGKILL`; real-time signals count from the first one available to
 * programs (`SIGRTMIN+1`); the two reserved by the C library are `SIG32` and `SIG33`. Empty if the
 * number is not a signal.
 */
export function signalName(number: number): string {
  if (number >= 1 && number <= names.length) return names[number - 1]
  if (number === firstRealTime) return 'SIGRTMIN'
  if (number > firstRealTime && number <= lastRealTime) return `SIGRTMIN+${number - firstRealTime}`
  return number === 32 || number === 33 ? `SIG${number}` : ''
}

/** How a process ended: by a signal, or with an exit status from 0 to 255. */
export interface ExitReason {
  /** Signal name; empty if the process was not ended by a signal. */
  readonly signal: string
  readonly status: number
}

/** Splits a wait(2) status (kernel/exit.c, do_exit); ignores the core bit. */
export function decodeExitCode(code: number): ExitReason {
  return { signal: signalName(code & 0x7f), status: (code >> 8) & 0xff }
}
