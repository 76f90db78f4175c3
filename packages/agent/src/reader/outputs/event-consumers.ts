import type { LineBuffer } from '../json/event-lines.ts'

/** Gets all events, including those that are not exported. */
export interface EventConsumer {
  /** Whether it gets events now. */
  readonly isOpen: boolean
  write(lines: LineBuffer): void
}

/** Several consumers as one. */
export class EventConsumers implements EventConsumer {
  readonly #tap: EventConsumer
  readonly #outputs: Pick<EventConsumer, 'write'> | undefined

  /** @param outputs undefined: there are none */
  constructor(tap: EventConsumer, outputs: Pick<EventConsumer, 'write'> | undefined) {
    this.#tap = tap
    this.#outputs = outputs
  }

  get isOpen(): boolean {
    return this.#outputs !== undefined || this.#tap.isOpen
  }

  write(lines: LineBuffer): void {
    this.#tap.write(lines)
    this.#outputs?.write(lines)
  }
}
