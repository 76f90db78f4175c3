import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { runSteps } from '../../steps/index.ts'
import { eachRead, type Op, type Target, written } from './ir.ts'
import { liveIntervals } from './liveness.ts'

const registers = 6
const targets: Target[] = Array.from({ length: 4 }, (_, i) => ({ name: `t${i}` }))
const register = fc.nat(registers - 1)

/** Operations that read and write registers, and jump in any way. */
const programs: fc.Arbitrary<Op[]> = fc
  .array(
    fc.oneof(
      fc.record({ op: fc.constant('move' as const), dst: register, src: register }),
      fc.record({ op: fc.constant('constant' as const), dst: register, value: fc.constant(1n) }),
      fc.record({ op: fc.constant('jump' as const), to: fc.constantFrom(...targets) }),
      fc.record({
        op: fc.constant('branch' as const),
        fn: fc.constant('eq' as const),
        a: register,
        bits: fc.constant(64 as const),
        b: register,
        to: fc.constantFrom(...targets),
      }),
    ),
    { maxLength: 30 },
  )
  .chain((ops) =>
    fc.array(fc.nat(ops.length), { minLength: 4, maxLength: 4 }).map((positions) => {
      const all: Op[] = [...ops]
      positions.forEach((at, i) => {
        all.splice(at, 0, { op: 'place', target: targets[i] })
      })
      return [...all, { op: 'exit', value: { constant: 0 } } as Op]
    }),
  )

function successors(ops: readonly Op[], at: number): number[] {
  const op = ops[at]
  const next = op.op === 'jump' || op.op === 'exit' ? [] : [at + 1]
  if (op.op !== 'jump' && op.op !== 'branch') return next
  return [...next, ops.findIndex((other) => other.op === 'place' && other.target === op.to)]
}

/** Whether an operation from `at` on may read the register before one writes it. */
function isLive(ops: readonly Op[], at: number, wanted: number): boolean {
  const seen = new Set<number>()
  const waiting = [at]
  for (let here = waiting.pop(); here !== undefined; here = waiting.pop()) {
    if (seen.has(here)) continue
    seen.add(here)
    let isRead = false
    eachRead(ops[here], (read) => {
      isRead ||= read === wanted
    })
    if (isRead) return true
    if (written(ops[here]) !== wanted) waiting.push(...successors(ops, here))
  }
  return false
}

describe('liveIntervals', () => {
  it('cover each operation before which the register is live, and those that access it', () => {
    fc.assert(
      fc.property(programs, (ops) => {
        const intervals = new Map(
          runSteps(liveIntervals(ops, registers)).map((it) => [it.register, it]),
        )
        for (let wanted = 0; wanted < registers; wanted++) {
          const at = ops.flatMap((op, i) => {
            let isAccessed = written(op) === wanted
            eachRead(op, (read) => {
              isAccessed ||= read === wanted
            })
            return isAccessed || isLive(ops, i, wanted) ? [i] : []
          })
          const { start, end } = intervals.get(wanted) ?? {}
          if (at.length === 0) assert.equal(start, undefined)
          else assert.ok(start! <= at[0] && end! >= at[at.length - 1], `r${wanted}: ${at}`)
        }
      }),
    )
  })

  it('are short for values of one block', () => {
    const ops: Op[] = [
      { op: 'constant', dst: 0, value: 1n },
      { op: 'constant', dst: 1, value: 1n },
      { op: 'move', dst: 2, src: 1 },
      { op: 'place', target: targets[0] },
      { op: 'branch', fn: 'eq', bits: 64, a: 0, b: 2, to: targets[0] },
      { op: 'exit', value: { constant: 0 } },
    ]
    const ranges = runSteps(liveIntervals(ops, 3)).map(({ start, end }) => [start, end])
    assert.deepEqual(ranges, [
      [0, 5],
      [1, 2],
      [2, 5],
    ])
  })
})
