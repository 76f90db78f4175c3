import type { SocketFacet } from '../arguments/argument-type.ts'
import { isOneOf } from './integer.ts'
import type { Operand, Operator } from './operator.ts'
import { isInRanges } from './ranges.ts'

/** Facets of a socket, packet or address. */
export function socketOf({ value }: Operand): SocketFacet {
  return value.socket as SocketFacet
}

const portFacets = { 'source-port': 'sourcePort', 'destination-port': 'destinationPort' } as const

const portOperator: Operator<'source-port' | 'destination-port'> = {
  needs: ({ operator }) => portFacets[operator],
  condition([operand], { operator, ranges }, context) {
    const value = socketOf(operand)[portFacets[operator]] ?? context.k.constant(0)
    return isInRanges({ value, signed: false }, ranges, context)
  },
}

const protocolOperator: Operator<'protocol' | 'family' | 'state'> = {
  needs: ({ operator }) => operator,
  condition([operand], { operator, values }, context) {
    const value = socketOf(operand)[operator] ?? context.k.constant(0)
    return isOneOf(value, values, context)
  },
}

export const socketOperators = {
  'source-port': portOperator,
  'destination-port': portOperator,
  protocol: protocolOperator,
  family: protocolOperator,
  state: protocolOperator,
}
