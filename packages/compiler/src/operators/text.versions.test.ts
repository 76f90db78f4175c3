import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { Collection } from '@tetragon-ts/ebpf/collection'
import { type Code, onDemand, program } from '@tetragon-ts/ebpf/lang'
import { array } from '@tetragon-ts/ebpf/maps'
import { record, u32 } from '@tetragon-ts/ebpf/records'
import { Memory } from '@tetragon-ts/ebpf/sys'
import type { Argument, ArgumentTest, ArgumentTypeName } from '@tetragon-ts/policy'
import { TaskStruct } from '@tetragon-ts/sensors/kernel/types'
import { argumentType } from '../arguments/index.ts'
import { bytesCodec } from '../arguments/prefix-key.ts'
import type { Hit } from '../hook/hit.ts'
import type { HookContext } from '../hook/hook-context.ts'
import { Scratch } from '../hook/scratch.ts'
import { policyTarget } from '../testing/index.ts'
import { testArguments } from './index.ts'

// Texts at the limits of what an argument type reads, and every operator on texts, in a buffer that
// still has an earlier text.

interface Subject {
  readonly name: string
  readonly type: ArgumentTypeName
  /** Maximum length of its text. */
  readonly longest: number
  /** Whether the text is in memory of the kernel. */
  readonly inKernel?: true
  /** Whether the hook is a function of a program. */
  readonly inUserSpace?: true
  /** Bytes before the text. */
  readonly head?: readonly number[]
  /** Start of the value, unless it is empty. */
  readonly sign?: string
  /** Value of the parameter with the length of the structure, if there is one. */
  readonly size?: number
}

/** AF_UNIX */
const unixFamily = [1, 0]

const subjects: readonly Subject[] = [
  { name: 'a string of user space', type: 'string', longest: 4095 },
  { name: 'a string at a user probe', type: 'string', longest: 4095, inUserSpace: true },
  { name: 'a string of the kernel', type: 'string', longest: 4095, inKernel: true },
  { name: 'the name of a BPF program', type: 'bpf_attr', longest: 15, head: Array(48).fill(0) },
  { name: 'the path of a socket', type: 'sockaddr_un', longest: 108, head: unixFamily },
  {
    name: 'the abstract name of a socket',
    type: 'sockaddr_un',
    longest: 107,
    head: [...unixFamily, 0],
    sign: '@',
  },
  {
    name: 'a path that ends with the address',
    type: 'sockaddr_un',
    longest: 20,
    head: unixFamily,
    size: 22,
  },
]

const staleText = 'stale/'
/** Larger than any text, as the memory of a record is. */
const bufferSize = 16384
const sourceSize = 8192
const buffer = array('buffer', { value: bytesCodec(bufferSize) })
const kernelSource = array('source', { value: bytesCodec(sourceSize) })
const Reading = record('reading', { length: u32, unreadable: u32, answer: u32, padding: u32 })
const reading = array('reading', { value: Reading })

/** Addresses at which neither the process nor the kernel has memory. */
const nowhere = { user: 8n, kernel: 0xdead_0000_0000_0000n } as const

/** A text that ends differently from all shorter ones. */
function textOf(length: number): string {
  return `${'ab'.repeat(length / 2)}${'.'.repeat(length % 2)}`
}

/** A test of a text: whether it is, or has, one of the strings. */
interface TextTest {
  readonly operator: keyof typeof holds
  readonly strings: readonly string[]
}

/** Tests of every operator on texts; with few and with many values they have different code. */
function testsFor({ longest, sign = '' }: Subject): TextTest[] {
  const others = Array.from({ length: 9 }, (_, i) => `other-${i}`)
  const whole = sign + textOf(longest)
  const parts = ['le/', whole.slice(-3)]
  const wanted = {
    'equal-string': ['', whole, staleText],
    prefix: [`${sign}ab`, 'stale'],
    postfix: parts,
    substring: parts,
    'substring-ignore-case': parts,
  } as const
  return Object.entries(wanted).flatMap(([name, values]) =>
    [values, [...values, ...others]].map((strings) => ({
      operator: name as keyof typeof wanted,
      strings,
    })),
  )
}

const holds = {
  'equal-string': (text: string, wanted: string) => text === wanted,
  prefix: (text: string, wanted: string) => text.startsWith(wanted),
  postfix: (text: string, wanted: string) => text.endsWith(wanted),
  substring: (text: string, wanted: string) => text.includes(wanted),
  'substring-ignore-case': (text: string, wanted: string) => text.includes(wanted),
} as const

const isFullRun = process.env.TETRAGON_TEST_EXTENT === 'all'
const target = policyTarget(Btf.open())
const encoder = new TextEncoder()
const user = Memory.allocate(sourceSize)
after(() => user.free())

/** A program that reads a value at an address, or with 0 in the map, and tests its text. */
function readerOf(subject: Subject, tested: TextTest) {
  return program('text', onDemand('address'), (k, given) => {
    const scratch = new Scratch(k, 'scratch')
    scratch.open()
    const address = k.select(given.ne(0), given, k.global(kernelSource).address())
    const hit = hitOf(k, subject)
    const context = contextOf(k, scratch)
    const type = argumentType(subject.type)
    const value = type.read(hit, address, argumentOf(subject), context)
    const to = k.global(buffer)
    const length = k.variable(value.writeTail?.(to) ?? 0)
    const answer = k.variable(0)
    const text = { bytes: to, length, max: type.tailMax }
    const { operator, strings } = tested
    const test: ArgumentTest = { operator, strings: strings.map((each) => encoder.encode(each)) }
    const matches = testArguments([{ list: 'args', position: 0, value, text }], test, context)
    k.when(matches, () => answer.set(1))
    const unreadable = value.unreadable?.() ?? 0
    k.recordAt(k.global(reading), Reading, { length, unreadable, answer, padding: 0 })
  })
}

function hitOf(k: Code, { inUserSpace, size }: Subject): Hit {
  return {
    k,
    task: k.currentTask(TaskStruct),
    functionIndex: 0,
    ...(inUserSpace && { inUserSpace }),
    parameter: () => (size === undefined ? undefined : k.constant(size)),
  }
}

function contextOf(k: Code, scratch: Scratch): HookContext {
  const context: Partial<HookContext> = { k, scratch: (size, shared) => scratch.take(size, shared) }
  return context as HookContext
}

function argumentOf({ type, size }: Subject): Argument {
  return {
    ...(size !== undefined && { sizeIndex: 1 }),
    path: 'spec.kprobes[0].args[0]',
    index: 0,
    type,
    resolve: [],
    label: '',
    returnCopy: false,
    maxData: false,
  }
}

/** Reads texts of all lengths with a program for one test: verifiers without loops take long. */
function check(subject: Subject, tested: TextTest): void {
  const { longest, inKernel, head = [], sign = '' } = subject
  const { operator, strings } = tested
  using collection = new Collection(target)
  const loaded = collection.load(readerOf(subject, tested))

  const stale = encoder.encode(staleText.repeat(bufferSize / staleText.length))
  const readAt = (address: bigint) => {
    collection.map(buffer).update(0, stale)
    loaded.testRun({ context: new Uint8Array(BigUint64Array.of(address).buffer) })
    const { length, unreadable, answer } = collection.map(reading).lookup(0) ?? assert.fail()
    const text = Buffer.from(collection.map(buffer).lookup(0) ?? []).toString('latin1', 0, length)
    return { text, unreadable, answer }
  }
  const answerFor = (text: string) => Number(strings.some((each) => holds[operator](text, each)))

  for (const length of [0, 1, longest - 1, longest, longest + 1, longest + 50]) {
    const written = textOf(length)
    const bytes = Uint8Array.of(...head, ...encoder.encode(written), 0)
    if (inKernel) collection.map(kernelSource).update(0, bytes)
    else {
      user.bytes.fill(0)
      user.bytes.set(bytes)
    }
    const text = length === 0 ? '' : sign + written.slice(0, longest)
    const seen = readAt(inKernel ? 0n : BigInt(user.address))
    const expected = { text, unreadable: 0, answer: answerFor(text) }
    assert.deepEqual(seen, expected, `${operator}: ${length} bytes`)
  }
  const seen = readAt(inKernel ? nowhere.kernel : nowhere.user)
  assert.deepEqual(seen, { text: '', unreadable: 1, answer: answerFor('') }, operator)
}

/**
 * An emulated kernel tries each test with every third subject, and each subject with three tests:
 * the host tries all, and a full run does everywhere.
 */
const stride = process.env.TETRAGON_TEST_KERNEL === undefined || isFullRun ? 1 : 3

subjects.forEach((subject, index) => {
  test(`${subject.name}: empty, as long as the buffer, one less and more, unreadable`, () => {
    const chosen = testsFor(subject).filter((_, i) => (i + index) % stride === 0)
    for (const tested of chosen) check(subject, tested)
  })
})
