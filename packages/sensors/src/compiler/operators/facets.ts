import type { ArgumentValue, SocketFacet } from '../arguments/argument-type.ts'

/** What operators look at of an argument. */
export type Facet = 'number' | 'text' | 'mode' | keyof SocketFacet

/** Whether an argument that was read has it, without reading it. */
export function hasFacet(value: ArgumentValue, facet: Facet): boolean {
  switch (facet) {
    case 'number':
      return isThere(value, 'integer') || isThere(value, 'mask')
    case 'text':
      return value.writeTail !== undefined
    case 'mode':
      return isThere(value, 'mode')
    default:
      return isThere(value, 'socket') && isThere(value.socket as SocketFacet, facet)
  }
}

/** A getter counts as there: to run it would emit code. */
function isThere<T extends object>(object: T, name: keyof T & string): boolean {
  const property = Object.getOwnPropertyDescriptor(object, name)
  return property !== undefined && (property.get !== undefined || property.value !== undefined)
}

/** Names of facets for people. */
export const facetNames: Readonly<Record<Facet, string>> = {
  number: 'a number',
  text: 'a text',
  mode: 'the type of a file',
  family: 'an address family',
  protocol: 'a protocol',
  state: 'a state',
  sourcePort: 'a source port',
  destinationPort: 'a destination port',
  source: 'a source address',
  destination: 'a destination address',
  address: 'a socket of its own',
}
