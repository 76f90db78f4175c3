import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { programType } from '../asm/index.ts'
import { type Code, type Hook, type Int, program } from '../lang/index.ts'
import { array } from '../maps/index.ts'
import { u64 } from '../records/index.ts'
import { probe } from '../testing/index.ts'
import { Collection } from './index.ts'

// Random programs with more live values than registers, run in the kernel and compared with the
// same calculation in BigInt: whatever the allocator moves to the stack must come back right.

/** Any program type that BPF_PROG_TEST_RUN takes will do. */
const testRun: Hook<[]> = {
  kind: 'test',
  target: 'run',
  resolve: () => ({ programType: programType.socketFilter }),
  arguments: () => [],
  attachment: { at: 'demand' },
}

const mask = (1n << 64n) - 1n
const operators = {
  add: (a: bigint, b: bigint) => a + b,
  sub: (a: bigint, b: bigint) => a - b,
  mul: (a: bigint, b: bigint) => a * b,
  div: (a: bigint, b: bigint) => (b === 0n ? 0n : a / b),
  mod: (a: bigint, b: bigint) => (b === 0n ? a : a % b),
  and: (a: bigint, b: bigint) => a & b,
  or: (a: bigint, b: bigint) => a | b,
  xor: (a: bigint, b: bigint) => a ^ b,
} as const
type Operator = keyof typeof operators

/** A value made from two earlier ones, by their places; or `b` as a constant. */
interface Step {
  readonly operator: Operator
  readonly a: number
  readonly b: number
  readonly constant: number | undefined
  /** Whether a helper call comes first: it destroys the registers that calls may. */
  readonly call: boolean
}

const step: fc.Arbitrary<Step> = fc.record({
  operator: fc.constantFrom(...(Object.keys(operators) as Operator[])),
  a: fc.nat(),
  b: fc.nat(),
  constant: fc.option(fc.integer(), { nil: undefined }),
  call: fc.boolean(),
})

function inKernel(k: Code, inputs: readonly Int[], steps: readonly Step[]): Int[] {
  const values = [...inputs]
  for (const { operator, a, b, constant, call } of steps) {
    if (call) k.bootTime()
    values.push(values[a % values.length][operator](constant ?? values[b % values.length]))
  }
  return values
}

function expected(inputs: readonly bigint[], steps: readonly Step[]): bigint[] {
  const values = [...inputs]
  for (const { operator, a, b, constant } of steps) {
    const second = constant === undefined ? values[b % values.length] : BigInt(constant) & mask
    values.push(operators[operator](values[a % values.length], second) & mask)
  }
  return values
}

test('arithmetic on more values than registers equals BigInt', () => {
  const input = fc.bigInt({ min: 0n, max: mask })
  const inputs = fc.array(input, { minLength: 1, maxLength: 4 })
  const steps = fc.array(step, { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(inputs, steps, (given, plan) => {
      const results = array('results', { value: u64, maxEntries: given.length + plan.length })
      const run = program('arithmetic', testRun, (k) => {
        const loaded = given.map((_, i) => {
          const entry = k.lookup(results, i)
          k.unless(entry, k.exit)
          return entry.value
        })
        inKernel(k, loaded, plan).forEach((value, i) => {
          const entry = k.lookup(results, i)
          k.unless(entry, k.exit)
          k.assign(entry, { value })
        })
      })
      using collection = new Collection()
      const map = collection.map(results)
      given.forEach((value, i) => {
        map.update(i, value)
      })
      collection.load(run).testRun({ data: new Uint8Array(64) })
      assert.deepEqual(
        [...map.entries()].map(([, value]) => value),
        expected(given, plan),
      )
    }),
    {
      numRuns: 60,
      // Divisors that are zero: as a constant the verifier would refuse them.
      examples: [
        [[7n], [{ operator: 'div', a: 0, b: 0, constant: 0, call: false }]],
        [[7n], [{ operator: 'mod', a: 0, b: 0, constant: 0, call: true }]],
        [[7n, 0n], [{ operator: 'mod', a: 0, b: 1, constant: undefined, call: false }]],
      ],
    },
  )
})

for (const bpfLoop of [false, true]) {
  test(`a loop that ends by itself, and one that is left, ${bpfLoop ? 'as a callback' : 'written out'}`, (t) => {
    const offered = probe('bpf_loop')
    if (bpfLoop && offered.answer !== 'yes') return t.skip(`bpf_loop: ${offered.reason}`)
    const results = array('results', { value: u64, maxEntries: 3 })
    const run = program('loop', testRun, (k) => {
      const sum = k.variable(0)
      const rounds = k.variable(0)
      k.loop(100, (round, leave) => {
        k.when(round.ge(60), leave)
        k.when(round.and(1).eq(0), () => sum.set(sum.add(round)))
        rounds.set(round.add(1))
      })
      const all = k.variable(0)
      k.loop(40, () => all.set(all.add(1)))
      for (const [i, value] of [sum, rounds, all].entries()) {
        const entry = k.lookup(results, i)
        k.unless(entry, k.exit)
        k.assign(entry, { value })
      }
    })
    using collection = new Collection({ bpfLoop })
    collection.map(results)
    collection.load(run).testRun({ data: new Uint8Array(64) })
    const values = [...collection.map(results).entries()].map(([, value]) => value)
    assert.deepEqual(values, [870n, 60n, 40n])
  })
}
