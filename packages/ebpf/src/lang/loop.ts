import { helper } from '../asm/index.ts'
import type { Builder } from './builder.ts'
import {
  eachRead,
  eachSlot,
  type LocalFunction,
  type Op,
  type Virtual,
  written,
} from './codegen/ir.ts'
import { Int, Variable } from './int.ts'

type Body = (round: Int, leave: () => void) => void

/** A loop that the verifier walks round by round (bounded loops: kernel 5.3). */
export function plainLoop(builder: Builder, max: number, body: Body): void {
  const top = builder.target('loop')
  const end = builder.target('loop end')
  const round = new Variable(builder, builder.register())
  round.set(0)
  builder.place(top)
  round.ge(max).jumpIf(end)
  body(round, () => builder.jump(end))
  round.set(round.add(1))
  builder.jump(top)
  builder.place(end)
}

/**
 * A loop as a callback of bpf_loop (kernel 5.17), walked once by the verifier. The callback is a
 * function of its own: values of the program that it uses travel in a block on the program's
 * stack, and what it changes travels back.
 */
export function callbackLoop(builder: Builder, max: number, body: Body): void {
  const before = builder.registers
  const slotsBefore = builder.slots
  const entry = builder.target('round')
  const end = builder.target('round end')
  const leaveAt = builder.target('leave')
  const captures = builder.register()
  const round = new Int(builder, builder.register())
  const inner = builder.collect(() => {
    body(round, () => builder.jump(leaveAt))
    builder.jump(end)
  })

  const isOuter = (register: Virtual): boolean => register < before
  const read = new Set<Virtual>()
  const changed = new Set<Virtual>()
  for (const op of inner) {
    eachRead(op, (register) => isOuter(register) && read.add(register))
    const dst = written(op)
    if (dst !== undefined && isOuter(dst)) changed.add(dst)
    eachSlot(op, (slot) => {
      if (slot.id < slotsBefore) {
        builder.fail('a loop body uses stack memory from outside: take its address before the loop')
      }
    })
    if (op.op === 'exit') builder.fail('a loop body cannot end the program: leave the loop first')
  }
  const captured = [...new Set([...read, ...changed])]
  const block = builder.slot(Math.max(8, captured.length * 8))

  const code = builder.collect(() => {
    builder.place(entry)
    builder.emit({ op: 'callback-argument', dst: captures, index: 2 })
    builder.emit({ op: 'callback-argument', dst: round.register, index: 1 })
    captured.forEach((dst, i) => {
      builder.emit({ op: 'load', dst, size: 8, base: captures, offset: i * 8 })
    })
    for (const op of inner) builder.ops.push(op)
    const giveBack = (): void => {
      captured.forEach((src, i) => {
        if (!changed.has(src)) return
        builder.emit({ op: 'store', size: 8, base: captures, offset: i * 8, src })
      })
    }
    builder.place(end)
    giveBack()
    builder.emit({ op: 'exit', value: { constant: 0 } })
    builder.place(leaveAt)
    giveBack()
    builder.emit({ op: 'exit', value: { constant: 1 } })
  })
  const callback: LocalFunction = {
    name: 'loop',
    parameters: ['round', 'captures'],
    body: code as Op[],
    entry,
  }

  captured.forEach((src, i) => {
    builder.emit({ op: 'store', size: 8, base: block, offset: i * 8, src })
  })
  builder.emit({
    op: 'call',
    helper: helper.loop,
    args: [{ constant: max }, { callback }, { slot: block, at: 0 }, { constant: 0 }],
  })
  captured.forEach((dst, i) => {
    if (changed.has(dst)) builder.emit({ op: 'load', dst, size: 8, base: block, offset: i * 8 })
  })
}
