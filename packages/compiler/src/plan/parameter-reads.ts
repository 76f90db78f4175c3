import type { Hook } from '@tetragon-ts/policy'
import type { ParameterRead } from './choose-backends.ts'

/** The parameters that a hook reads. */
export function parameterReads({ args }: Hook): readonly ParameterRead[] {
  const read = args.filter(({ source }) => source === undefined)
  return read.flatMap(({ index, sizeIndex, resolve: [member] }) => {
    const value = { index, member: member === undefined ? undefined : String(member) }
    return sizeIndex === undefined ? [value] : [value, { index: sizeIndex }]
  })
}
