import { limitTime } from '@tetragon-ts/ebpf/sys'
import { AgentSignals } from './signals.ts'
import { hasTerminal } from './terminal.ts'

/**
 * Time limits of the shutdown, in seconds: for writing profiles, then for everything else. After
 * that the kernel ends the process with SIGALRM.
 */
export const endLimits = { profiles: 60, others: 25 }

/**
 * Why the daemon ends: it was stopped, another one is to replace it (RestartKillSignal of the
 * unit), or it failed, which restarts it.
 */
export type Ending = 'stop' | 'restart' | 'failure'

/** The life of the daemon's process: what ends it, and what keeps it alive. */
export class Lifetime {
  /** Fulfilled by a signal that ends the daemon. */
  readonly stopped: Promise<Ending>
  #stop: (ending: Ending) => void = () => {}
  #signals: AgentSignals | undefined
  #startedInTerminal = false
  readonly #parts: { readonly isStuck: boolean }[] = []

  constructor() {
    this.stopped = new Promise((resolve) => {
      this.#stop = resolve
    })
  }

  /** Ignores unused signals, and holds back SIGHUP. */
  begin(): void {
    this.#signals = new AgentSignals()
    this.#startedInTerminal = hasTerminal()
  }

  /**
   * From now on SIGTERM and similar signals fulfil {@link stopped}; until then they end the
   * process.
   * @param reload is called for a SIGHUP, which means that files have changed
   */
  listen(reload: () => void): void {
    const end = (signal: string): void => this.#stop(signal === 'SIGQUIT' ? 'restart' : 'stop')
    this.#signals?.listen(end, () => {
      // The terminal was closed.
      if (this.#startedInTerminal && !hasTerminal()) this.#stop('stop')
      else reload()
    })
  }

  /** Starts the time limit of the shutdown. */
  limit(what: keyof typeof endLimits): void {
    limitTime(endLimits[what])
  }

  /** Adds a part of which something may hang and keep the process alive: a thread, a connection. */
  add(part: { readonly isStuck: boolean }): void {
    this.#parts.push(part)
  }

  /** Whether a part waits for something that does not respond. */
  get isStuck(): boolean {
    return this.#parts.some((part) => part.isStuck)
  }
}
