import { type EventKey, GetEventsResponse } from '@tetragon-ts/api'

/**
 * Checks that the members of an event are in the order of their declarations, as in protojson.
 * @throws Error that names the member
 */
export function checkDeclaredOrder(key: EventKey, body: object): void {
  const { type } = GetEventsResponse.fields[key]
  const declared = typeof type === 'object' && type.kind === 'message' ? type.fields : {}
  const order = Object.keys(declared)
  let last = -1
  for (const name of Object.keys(body)) {
    const index = order.indexOf(name)
    if (index <= last) throw new Error(`${key}: ${name} is behind ${order[last]}`)
    last = index
  }
}
