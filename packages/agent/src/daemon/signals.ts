import { constants } from 'node:os'
import { ignoreSignal } from '@tetragon-ts/ebpf/sys'

/** Signals that end the agent. */
const endSignals = ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGXCPU'] as const
type EndSignal = (typeof endSignals)[number]

/** Signals whose default action ends a process; the agent ignores them. */
const ignoredSignals = [
  ...(['SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGVTALRM', 'SIGPROF'] as const),
  ...(['SIGIO', 'SIGPWR', 'SIGSTKFLT', 'SIGPIPE', 'SIGXFSZ'] as const),
]
/** Real-time signals; the C library reserves the first ones. */
const realTime = { first: 32, last: 64 }

/**
 * The agent's signals. Unused ones are ignored from construction. Before {@link listen}, SIGINT and
 * SIGTERM have their default action, and a SIGHUP is kept.
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

  /** @param end is called for each signal that ends the agent */
  listen(end: (signal: EndSignal) => void, hangup: () => void): void {
    for (const name of endSignals) process.once(name, () => end(name))
    this.#hangup = hangup
    if (this.#pendingHangup) hangup()
  }
}
