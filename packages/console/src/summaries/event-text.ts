import { type Event, eventLine } from '@tetragon-ts/api'

/** The parts of the compact form of an event, without its process. */
export interface EventText {
  readonly icon: string
  readonly word: string
  /** What it was done to: a path, an address; for a program, what is executed. */
  readonly object: string
}

/** Undefined: the event has no compact form. */
export function eventText(event: Event): EventText | undefined {
  const { key, body } = event
  try {
    const line = eventLine(event, true)
    if (typeof line === 'string') return undefined
    const { icon, word } = line
    // The arguments of the process are known from its start.
    const columns = key === 'process_exit' ? line.columns.slice(-1) : line.columns
    const texts = columns.map(({ text }) => text)
    if (key === 'process_exec') texts.unshift(body.process?.binary ?? '')
    return { icon, word, object: texts.filter((text) => text !== '').join(' ') }
  } catch {
    return undefined
  }
}
