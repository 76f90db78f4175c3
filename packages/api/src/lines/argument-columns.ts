import type { KprobeArgument } from '../messages/kprobe-argument.ts'
import { namedAddresses } from './address-names.ts'
import { argumentText } from './argument-text.ts'
import { type Column, detail } from './line.ts'

/** Maximum characters of an argument in a line: the data of a connection can have kilobytes. */
const argumentMax = 500

/** The arguments of a hook whose lines Tetragon prints without them: all, or named addresses. */
export function argumentColumns(
  args: readonly KprobeArgument[] | undefined,
  details: boolean,
): readonly Column[] {
  if (!details) return namedAddresses(args)
  return (args ?? []).flatMap((arg) => {
    const text = argumentText(arg)
    if (text === '') return []
    return [detail(text.length > argumentMax ? `${text.slice(0, argumentMax)}…` : text)]
  })
}
