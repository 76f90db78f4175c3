import type { Event } from '@tetragon-ts/api'
import { factsOf } from '../../schemas/event-facts.ts'

/** Keys of records by name: events with the same key stay in order. Undefined: any partition. */
export const eventKeys = {
  node: (_event, nodeName) => nodeName,
  pod: (event, nodeName) => {
    const pod = factsOf(event).process?.pod
    return pod?.name === undefined ? nodeName : `${pod.namespace ?? ''}/${pod.name}`
  },
  process: (event, nodeName) => factsOf(event).process?.exec_id || nodeName,
  none: () => undefined,
} as const satisfies Record<string, (event: Event, nodeName: string) => string | undefined>

export type EventKeyName = keyof typeof eventKeys
