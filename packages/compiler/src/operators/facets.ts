import type { Facet } from '../arguments/argument-type.ts'

/** Names of facets in errors. */
export const facetNames: Readonly<Record<Facet, string>> = {
  number: 'a number',
  text: 'a text',
  mode: 'the type of a file',
  inode: 'the file at a path',
  family: 'an address family',
  protocol: 'a protocol',
  state: 'a state',
  sourcePort: 'a source port',
  destinationPort: 'a destination port',
  source: 'a source address',
  destination: 'a destination address',
  address: 'a socket of its own',
}
