import { helper } from '../asm/index.ts'
import type { MapSpec } from '../maps/index.ts'
import type { Builder } from './builder.ts'
import type { LocalFunction, Op } from './codegen/ir.ts'

/**
 * MAX_TAIL_CALL_CNT in include/linux/bpf.h. From 6.12 on it holds for a program and all that it
 * runs; before, each function of a program had a count of its own.
 */
export const tailCallsMax = 33

/**
 * A call of a small function that makes a tail call: the program that is called ends the function
 * and with that returns to the caller. The index is a constant, so that the kernel patches the call
 * into a direct jump, or into none while the array has no program there.
 */
export function runProgram(builder: Builder, programs: MapSpec, index: number): void {
  const entry = builder.target('run')
  const body = builder.collect(() => {
    const context = builder.register()
    builder.place(entry)
    builder.emit({ op: 'context', dst: context })
    const args = [context, { map: programs }, { constant: index }]
    builder.emit({ op: 'call', helper: helper.tail_call, args })
    builder.emit({ op: 'exit', value: { constant: 0 } })
  }) as Op[]
  const local: LocalFunction = { name: 'run', parameters: ['ctx'], body, entry }
  builder.noted(`run ${programs.name}[${index}]`, () => {
    builder.emit({ op: 'call', helper: 0, local, args: [builder.context] })
  })
}
