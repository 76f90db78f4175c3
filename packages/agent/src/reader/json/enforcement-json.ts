import {
  type EnforcementDescription,
  enforcementOutcomes,
  type HookDescription,
} from '@tetragon-ts/compiler/hooks'
import type { ByteWriter } from '../../bytes/byte-writer.ts'
import type { Readable } from './hook-reader.ts'
import { latin1 } from './hook-texts.ts'

/** What one program did: whether it executed its actions, and a bit for each that failed. */
type Outcome = NonNullable<Readable['enforcement']>

/** Writes the member `enforcement`: what was done, or would have been done, and by which means. */
export class EnforcementJson {
  readonly #description: HookDescription
  /** Texts of outcomes without a failure, by `#place`. */
  readonly #texts: string[] = []

  constructor(description: HookDescription) {
    this.#description = description
  }

  /** @param leave the record of the return, if there is one */
  write(out: ByteWriter, selector: number, enter: Readable, leave: Readable | undefined): void {
    const [entry, end] = [enter.enforcement, leave?.enforcement]
    if (!entry) return
    if (entry.failed !== 0 || (end && end.failed !== 0)) {
      return out.latin1(this.#text(selector, entry, end))
    }
    const place = placeOf(selector, entry, end)
    let text = this.#texts[place]
    if (text === undefined) {
      text = this.#text(selector, entry, end)
      this.#texts[place] = text
    }
    out.latin1(text)
  }

  #text(selector: number, entry: Outcome, end: Outcome | undefined): string {
    const { enforcements, returnEnforcements } = this.#description
    const items = [
      ...itemsOf(enforcements[selector], entry),
      ...(end ? itemsOf(returnEnforcements[selector], end) : []),
    ]
    return items.length === 0 ? '' : latin1(`,"enforcement":[${items.join(',')}]`)
  }
}

const outcomeCount = Object.keys(enforcementOutcomes).length

/** A number for a selector and an outcome without a failure. */
function placeOf(selector: number, entry: Outcome, end: Outcome | undefined): number {
  const atReturn = end ? 1 + end.outcome : 0
  return (selector * (outcomeCount + 1) + atReturn) * outcomeCount + entry.outcome
}

function itemsOf(
  described: readonly EnforcementDescription[] = [],
  { outcome, failed }: Outcome,
): string[] {
  return described.map((each, i) => {
    const hasFailed = ((failed >>> Math.min(i, 31)) & 1) !== 0
    return JSON.stringify(enforcementOf(each, outcome, hasFailed))
  })
}

/** In the order of the fields of the message; values that are zero are omitted. */
function enforcementOf(
  { action, means, signal, error }: EnforcementDescription,
  outcome: number,
  failed: boolean,
) {
  return {
    action,
    ...(means && { means }),
    ...(outcome === enforcementOutcomes.executed && !failed && { done: true }),
    ...(signal && { signal }),
    ...(error && { error }),
    ...(failed && { failed: true }),
    ...(outcome === enforcementOutcomes.limitReached && { limit_reached: true }),
  }
}
