import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { Collection } from '@tetragon-ts/ebpf/collection'
import {
  decideImage,
  type ImageCondition,
  type ImageProgram,
  type ImageText,
  imageProgram,
} from '@tetragon-ts/policy'
import { policyTarget } from '../../testing/index.ts'
import { answersOfKernel } from '../../testing/run-condition.ts'
import { memberBits } from '../member.ts'
import { ProcessSet } from '../process-set.ts'
import { decideBits } from './decide-bits.ts'
import { ImageSearch, openTable } from './image-search.ts'
import { images } from './images.ts'

// Random conditions and programs: the kernel side, its model in JavaScript, and a naive evaluator
// that joins the arguments as events do.

/** An emulated processor is slow: more attempts are made on the host. */
const isEmulated = process.env.TETRAGON_TEST_KERNEL !== undefined
const needsNoKernel = { skip: isEmulated && 'it needs no kernel: the host shows it' }
const conditions = isEmulated ? 1 : 12
const { bpfLoop } = policyTarget(Btf.open())

const seed = Number(process.env.SEED ?? Date.now() % 1e6)
let state = seed
/** A number below `max` (mulberry32). */
function random(max: number): number {
  state = (state + 0x6d2b79f5) | 0
  let t = Math.imul(state ^ (state >>> 15), 1 | state)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) % max
}
const oneOf = <T>(values: readonly T[]): T => values[random(values.length)]

const letters = ['a', 'B', ' ', '"', 'b', 'A', '\n', '\\', 'ß', '/']
const textOf = (longest: number): string =>
  Array.from({ length: random(longest + 1) }, () => oneOf(letters)).join('')

function randomText(): ImageText {
  const text = textOf(4).toLowerCase().replace(/ß/g, 'a')
  const anchor = oneOf(['anywhere', 'start', 'end', 'whole'] as const)
  return { kind: 'text', field: oneOf(['path', 'commandLine'] as const), text, anchor }
}

function randomCondition(depth: number): ImageCondition {
  const kind = depth === 0 ? 'text' : oneOf(['text', 'and', 'or', 'not'] as const)
  if (kind === 'text') return randomText()
  if (kind === 'not') return { kind, of: randomCondition(depth - 1) }
  return { kind, of: Array.from({ length: 1 + random(3) }, () => randomCondition(depth - 1)) }
}

interface Started {
  readonly path: string
  readonly args: readonly string[]
}

/** As `joinArguments` of the agent. */
function commandLineOf({ path, args }: Started): string {
  let joined = ''
  for (const each of args) {
    if (each.includes(' ')) joined += ` "${each}"`
    else joined += joined === '' ? each : ` ${each}`
  }
  return joined === '' ? path : `${path} ${joined}`
}

function naive(condition: ImageCondition, started: Started): boolean {
  switch (condition.kind) {
    case 'not':
      return !naive(condition.of, started)
    case 'and':
      return condition.of.every((each) => naive(each, started))
    case 'or':
      return condition.of.some((each) => naive(each, started))
    case 'text': {
      const { field, text, anchor } = condition
      const value = (field === 'path' ? started.path : commandLineOf(started)).toLowerCase()
      if (anchor === 'whole') return value === text
      if (anchor === 'start') return value.startsWith(text)
      return anchor === 'end' ? value.endsWith(text) : value.includes(text)
    }
  }
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const argumentsOf = ({ args }: Started): Uint8Array =>
  bytesOf(args.map((each) => `${each}\0`).join(''))

function randomProgram(): Started {
  return { path: `/${textOf(6)}`, args: Array.from({ length: random(5) }, () => textOf(6)) }
}

function compiled(condition: ImageCondition): ImageProgram {
  const program = imageProgram(condition)
  assert.ok(!('tooLarge' in program), String(seed))
  return program
}

const results = [
  [memberBits.self, true],
  [memberBits.unknown, undefined],
] as const

test('the model decides as a naive evaluator', needsNoKernel, () => {
  for (let i = 0; i < 3000; i++) {
    const condition = randomCondition(3)
    const program = compiled(condition)
    const started = randomProgram()
    const found = decideImage(program, bytesOf(started.path), argumentsOf(started))
    const expected = naive(condition, started)
    assert.equal(found, expected, `${seed}: ${JSON.stringify({ condition, started })}`)
  }
})

test('what is certain of cut arguments is right whatever follows', needsNoKernel, () => {
  for (let i = 0; i < 3000; i++) {
    const condition = randomCondition(2)
    const program = compiled(condition)
    const started = randomProgram()
    const args = argumentsOf(started)
    const readMax = random(Math.max(1, args.length))
    const found = decideImage(program, bytesOf(started.path), args, readMax)
    if (found === undefined) continue
    const expected = naive(condition, started)
    assert.equal(found, expected, `${seed}: ${JSON.stringify({ condition, started, readMax })}`)
  }
})

const pathAt = 8
const pathMax = 64
const argumentsAt = 128
const readMax = 64

/** The numbers of bytes, the path and the arguments without the zero at the end. */
function inputOf(started: Started): Uint8Array {
  const input = new Uint8Array(8192)
  const [path, args] = [bytesOf(started.path), argumentsOf(started)]
  const text = args.subarray(0, Math.max(0, args.length - 1))
  const read = text.subarray(0, readMax - 1)
  input.set([path.length, read.length, text.length > read.length ? 1 : 0])
  input.set(path, pathAt)
  input.set(read, argumentsAt)
  return input
}

for (const loops of [undefined, 'written out'] as const) {
  // The programs would be the same.
  const skip = loops === undefined && !bpfLoop && 'this kernel has no loops'
  test(`the kernel decides as the model, loops ${loops ?? 'as it has them'}`, { skip }, () => {
    for (let i = 0; i < conditions; i++) {
      const condition = randomCondition(3)
      const program = compiled(condition)
      const subjects = Array.from({ length: 200 }, (_, n): Started => {
        const { path, args } = randomProgram()
        return { path, args: n % 4 === 0 ? [...args, ...args, textOf(40), textOf(30)] : args }
      })
      for (const [bits, wanted] of results) {
        const answers = answersOfKernel(
          (k, input, context) => {
            const table = openTable(context, program)
            k.when(table.eq(0), k.exit)
            const search = new ImageSearch(context, program, table)
            const [length, read, cut] = [input.load(1), input.load(1, 1), input.load(1, 2)]
            const path = input.at(pathAt)
            const ofPath = search.path({ bytes: path, length: length.and(63), max: pathMax })
            const bytes = input.at(argumentsAt)
            search.arguments({ bytes, length: read.and(63), max: readMax })
            const line = k.variable(0)
            k.when(
              cut.eq(0),
              () => line.set(search.whole),
              () => line.set(search.certain),
            )
            const certain = ofPath.or(line)
            const open = k.select(cut.eq(0), 0, program.bits.commandLine)
            const found = { certain, possible: certain.or(open) }
            return decideBits(context, program, found).eq(bits)
          },
          subjects.map(inputOf),
          loops,
        )
        subjects.forEach((started, n) => {
          const { path } = started
          const args = argumentsOf(started)
          const expected = decideImage(program, bytesOf(path), args, readMax - 1)
          const text = `${seed}: ${expected} of ${JSON.stringify({ condition, started })}`
          assert.equal(answers[n], expected === wanted, text)
        })
      }
    }
  })
}

test('the verifier accepts the program of a set, loops written out', () => {
  const text = (field: ImageText['field'], value: string, anchor: ImageText['anchor']) =>
    ({ kind: 'text', field, text: value, anchor }) as const
  const condition: ImageCondition = {
    kind: 'and',
    of: [
      text('path', '/curl', 'end'),
      text('commandLine', 'http://', 'anywhere'),
      { kind: 'not', of: text('commandLine', '--allowed', 'anywhere') },
    ],
  }
  const target = { ...policyTarget(Btf.open()), bpfLoop: false }
  for (const of of ['process', 'parent'] as const) {
    using collection = new Collection(target)
    const set = new ProcessSet(images(condition, of))
    assert.ok(collection.load(set.keeping[0]).info().id > 0)
  }
})
