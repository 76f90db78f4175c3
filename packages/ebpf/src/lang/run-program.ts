import { helper } from '../asm/index.ts'
import type { MapSpec } from '../maps/index.ts'
import type { Builder } from './builder.ts'
import type { LocalFunction, Op } from './codegen/ir.ts'
import { Int } from './int.ts'

/**
 * MAX_TAIL_CALL_CNT in include/linux/bpf.h. From 6.12 on it holds for a program and all that it
 * runs; before, each function of a program had a count of its own.
 */
export const tailCallsMax = 33

/**
 * A call of a small function that makes a tail call: the program that is called ends the function
 * and with that returns to the caller. The index is a constant, so that the kernel patches the call
 * into a direct jump, or into none while the array has no program there.
 * @param nothing a map whose first word is the result if there is no program; 0 without it. A
 * constant would not do: the verifier takes the end of the function for the only way back, and
 * would drop the code for all other results.
 */
export function runProgram(
  builder: Builder,
  programs: MapSpec,
  index: number,
  nothing?: MapSpec,
): Int {
  const entry = builder.target('run')
  const dst = builder.register()
  const body = builder.collect(() => {
    const context = builder.register()
    builder.place(entry)
    builder.emit({ op: 'context', dst: context })
    const args = [context, { map: programs }, { constant: index }]
    builder.emit({ op: 'call', helper: helper.tail_call, args })
    builder.emit({ op: 'exit', value: nothing ? wordOf(builder, nothing) : { constant: 0 } })
  }) as Op[]
  const local: LocalFunction = { name: 'run', parameters: ['ctx'], body, entry }
  builder.noted(`run ${programs.name}[${index}]`, () => {
    builder.emit({ op: 'call', helper: 0, local, args: [builder.context], dst })
  })
  return new Int(builder, dst)
}

function wordOf(builder: Builder, map: MapSpec): number {
  const [base, dst] = [builder.register(), builder.register()]
  builder.emit({ op: 'map-value', dst: base, map, at: 0 })
  builder.emit({ op: 'load', dst, size: 8, base, offset: 0 })
  return dst
}
