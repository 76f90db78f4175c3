import type { EncodedEvent } from './schema.ts'

/** What was made of events, and the events that have no such form. */
export interface Fitting<Form> {
  readonly kept: readonly EncodedEvent[]
  readonly unfit: readonly EncodedEvent[]
  /** Undefined without events. */
  readonly form: Form | undefined
}

/**
 * Encodes events together. Only if that fails is each looked at: those without a form are left out,
 * since sending them again would hold up all others.
 * @param encode throws if an event does not fit
 */
export function encodeFitting<Form>(
  events: readonly EncodedEvent[],
  encode: (events: readonly EncodedEvent[]) => Form,
  fits: (event: EncodedEvent) => boolean,
): Fitting<Form> {
  if (events.length === 0) return { kept: events, unfit: [], form: undefined }
  try {
    return { kept: events, unfit: [], form: encode(events) }
  } catch {
    const kept: EncodedEvent[] = []
    const unfit: EncodedEvent[] = []
    for (const event of events) (fits(event) ? kept : unfit).push(event)
    return { kept, unfit, form: kept.length === 0 ? undefined : encode(kept) }
  }
}
