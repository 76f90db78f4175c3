import { networkFields } from '../fields/network-fields.ts'
import { test } from '../term.ts'
import type { View } from './view.ts'

/** Connections that a process begins and accepts. */
export const networkViews: readonly View[] = [
  {
    category: 'network_connection',
    types: ['connect', 'sendto', 'sendmsg', 'sendmmsg'],
    base: test('Initiated', true),
    fields: networkFields('Source'),
  },
  {
    category: 'network_connection',
    types: ['accept', 'accept4'],
    base: test('Initiated', false),
    fields: networkFields('Destination'),
  },
]
