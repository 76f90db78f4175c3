import { type EventTypeName, eventKinds } from '@tetragon-ts/api'

/** Test events are not counted. */
export type CountedType = Exclude<EventTypeName, 'TEST'>

/** Kinds of events by name, as they are counted. */
export const countedTypes: readonly CountedType[] = eventKinds.flatMap(({ name }) =>
  name === 'TEST' ? [] : [name],
)
