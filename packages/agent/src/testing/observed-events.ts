import { spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { guestKernel, pollMs } from './guest.ts'
import type { LineFile } from './line-file.ts'
import { type ObservedEvent, observe } from './observed-event.ts'

/** Against waits that would never end: emulated processors of a busy machine are slow. */
const eventLimitMs = guestKernel === undefined ? 60_000 : 240_000

/** An agent that writes events. */
export interface WritingAgent {
  /** Whether it has ended: then no more events come. */
  readonly isOver: boolean
  /** Its messages, for errors. */
  readonly stderr?: string
}

/** The process events that an agent writes to a file. */
export class ObservedEvents {
  readonly #file: LineFile
  readonly #agent: WritingAgent
  readonly #lines: string[] = []
  readonly #events: ObservedEvent[] = []
  #markers = 0

  constructor(file: LineFile, agent: WritingAgent) {
    this.#file = file
    this.#agent = agent
  }

  /** What was read so far. */
  get written(): { readonly lines: readonly string[]; readonly events: readonly ObservedEvent[] } {
    return { lines: this.#lines, events: this.#events }
  }

  /** Hands over what was read since the last call, and keeps it no longer: for long runs. */
  take(): { readonly lines: readonly string[]; readonly events: readonly ObservedEvent[] } {
    return { lines: this.#lines.splice(0), events: this.#events.splice(0) }
  }

  /** Reads what is new in the file. */
  read(): void {
    for (const line of this.#file.read()) {
      this.#lines.push(line)
      const event = observe(line)
      if (event) this.#events.push(event)
    }
  }

  /** All events so far, including those of everything before the call. */
  async all(): Promise<readonly ObservedEvent[]> {
    const marker = `marker-${process.pid}-${this.#markers++}`
    spawnSync('/bin/true', [marker])
    // Records leave the ring in the order in which they entered it.
    await this.waitFor((event) => event.kind === 'exit' && event.process.arguments === marker)
    return this.#events
  }

  /** Events of one process id. */
  async of(pid: number): Promise<ObservedEvent[]> {
    return (await this.all()).filter((event) => event.process.pid === pid)
  }

  /** Waits for an event, including earlier ones. */
  async waitFor(test: (event: ObservedEvent) => boolean): Promise<ObservedEvent> {
    const deadline = performance.now() + eventLimitMs
    for (let seen = 0; ; await sleep(pollMs)) {
      this.read()
      for (; seen < this.#events.length; seen++) {
        if (test(this.#events[seen])) return this.#events[seen]
      }
      const { isOver, stderr = '' } = this.#agent
      if (isOver || performance.now() > deadline) {
        const reason = isOver ? 'the agent ended' : `${eventLimitMs} ms are over`
        throw new Error(`wait for an event: ${reason}: ${stderr}`)
      }
    }
  }
}
