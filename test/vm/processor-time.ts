import { readFileSync } from 'node:fs'

/** Milliseconds of a clock tick of /proc: USER_HZ is 100 on every architecture of the matrix. */
const tickMs = 10

/**
 * Processor time of a process in milliseconds, with that of its children that have ended and were
 * waited for; undefined if there is no such process. proc_pid_stat(5): utime to cstime.
 */
export function processorTime(pid: number | 'self' = 'self'): number | undefined {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return undefined
  }
  // The name of the program may contain spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * tickMs
}

/** Follows the processor time of programs of which the last reading counts: they may be killed. */
export class ProcessorMeter {
  readonly #last = new Map<number, number>()
  readonly #timer: NodeJS.Timeout

  constructor() {
    this.#timer = setInterval(() => this.#read(), 500)
  }

  add(pid: number | undefined): void {
    if (pid !== undefined) this.#last.set(pid, 0)
  }

  /** Ends the readings. @returns the processor time of all programs in milliseconds */
  stop(): number {
    clearInterval(this.#timer)
    this.#read()
    return [...this.#last.values()].reduce((sum, each) => sum + each, 0)
  }

  #read(): void {
    for (const pid of this.#last.keys()) {
      const time = processorTime(pid)
      if (time !== undefined) this.#last.set(pid, time)
    }
  }
}
