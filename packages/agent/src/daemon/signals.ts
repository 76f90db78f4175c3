import { constants } from 'node:os'
import { ignoreSignal } from '@tetragon-ts/ebpf/sys'

/** Signals that end the agent in order. */
const endSignals = ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGXCPU'] as const

/** Signals whose default action ends a process, and that mean nothing to the agent. */
const ignoredSignals = [
  ...(['SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGVTALRM', 'SIGPROF'] as const),
  ...(['SIGIO', 'SIGPWR', 'SIGSTKFLT', 'SIGPIPE', 'SIGXFSZ'] as const),
]
/** Real-time signals; the C library keeps the first ones for itself. */
const realTime = { first: 32, last: 64 }

/**
 * The agent's signals. Those that it does not use are ignored from the construction on. Until
 * {@link listen} the default action of SIGINT and SIGTERM ends the process, and a SIGHUP is kept.
 */
export class AgentSignals {
  #hangup: (() => void) | undefined
  #pendingHangup = false

  constructor() {
    for (const name of ignoredSignals) ignoreSignal(constants.signals[name])
    for (let number = realTime.first; number <= realTime.last; number++) ignoreSignal(number)
    process.on('SIGHUP', () => {
      if (this.#hangup === undefined) this.#pendingHangup = true
      else this.#hangup()
    })
  }

  /** @param end is called once, for the first signal that ends the agent */
  listen(end: () => void, hangup: () => void): void {
    for (const name of endSignals) process.once(name, end)
    this.#hangup = hangup
    if (this.#pendingHangup) hangup()
  }
}
