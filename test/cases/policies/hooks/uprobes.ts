import assert from 'node:assert/strict'
import type { PolicyCase } from '../policy-case.ts'
import { probedFacts } from './probed-facts.ts'

const common = {
  covers: { kind: 'hook', name: 'uprobes' },
  program: 'probed',
  facts: probedFacts,
} as const

/** Other functions of the program. */
const others = ['text', 'none', '--', 'nested', '1']
const noDigest = `sha1:${'0'.repeat(40)}`

/** A hook at the function that takes six numbers. */
function placed(name: string, place: string, shown: string): PolicyCase {
  return {
    ...common,
    name,
    onHost: true,
    policy: `
      uprobes:
      - path: {program}
        ${place}
        args: [{index: 4, type: int64}]`,
    hit: ['six'],
    miss: others,
    expect({ args, body: { path, symbol, offset } }, _, { program, facts }) {
      const at = symbol ?? `offset ${offset}`
      const expected = shown.replace(/\{(\w+)\}/, (_match, fact: string) => facts[fact])
      assert.deepEqual([path, at, args], [program, expected, [{ long_arg: '5' }]])
    },
  }
}

/** Several functions in one hook. */
function several(name: string, options: string, more: Partial<PolicyCase>): PolicyCase {
  return {
    ...common,
    name,
    policy: `
      options: [${options}]
      uprobes:
      - path: {program}
        symbols: [takes_numbers, takes_six]
        args: [{index: 0, type: int}]`,
    hit: ['six', '--', 'numbers', '7', '0', '0', '--', 'six', '8'],
    miss: others,
    count: 3,
    expect(_, all) {
      assert.deepEqual(
        all.map(({ args, body }) => [body.symbol, args[0].int_arg]),
        [
          ['takes_six', 1],
          ['takes_numbers', 7],
          ['takes_six', 8],
        ],
      )
    },
    ...more,
  }
}

/** A hook in files with certain digests. */
function digested(name: string, digests: string, more: Partial<PolicyCase> = {}): PolicyCase {
  return {
    ...common,
    name: `binaryDigests: ${name}`,
    onHost: true,
    policy: `
      uprobes:
      - path: {program}
        symbols: [takes_six]
        binaryDigests: [${digests}]`,
    hit: ['six'],
    ...more,
  }
}

export const uprobeCases: readonly PolicyCase[] = [
  {
    ...common,
    name: 'a function by its name, with message and tags',
    policy: `
      uprobes:
      - path: {program}
        symbols: [takes_numbers]
        message: a call
        tags: [observability.process]
        args: [{index: 0, type: int}, {index: 1, type: int64}, {index: 2, type: uint8}]`,
    hit: ['numbers', '-1', '-2', '255'],
    miss: ['six'],
    expect({ key, args, compact, body }, _, { program }) {
      const { path, symbol, message, tags, action } = body
      assert.deepEqual([key, path, symbol], ['process_uprobe', program, 'takes_numbers'])
      assert.deepEqual([message, tags], ['a call', ['observability.process']])
      assert.equal(action, 'KPROBE_ACTION_POST')
      assert.deepEqual(args, [{ int_arg: -1 }, { long_arg: '-2' }, { uint_arg: 255 }])
      assert.equal(compact, `🕵\ufe0f uprobe  test ${program} ${program} takes_numbers`)
    },
  },
  placed('symbol and offset', 'symbols: ["takes_six+{inside}"]', 'takes_six+{inside}'),
  placed('an offset in the file', 'offsets: [{offset}]', 'offset {offset}'),
  placed('an address of the symbol table', 'addrs: [{address}]', 'offset {offset}'),
  several('several functions, each event with its name', '', {}),
  several('disable-uprobe-multi', '{name: disable-uprobe-multi, value: "true"}', {
    onHost: true,
    backend: /^(uprobe|single uprobes)$/,
  }),
  {
    ...common,
    name: 'a result that must match: the last argument',
    policy: `
      uprobes:
      - path: {program}
        symbols: [calls_itself]
        return: true
        returnArg: {index: 0, type: int}
        args: [{index: 0, type: int}]
        selectors:
        - matchReturnArgs: [{index: 0, operator: GT, values: ["1"]}]`,
    hit: ['nested', '3'],
    miss: ['nested', '0'],
    count: 3,
    expect(_, all) {
      const calls = all.map(({ args }) => args.map(({ int_arg }) => int_arg))
      assert.deepEqual(calls.sort(), [
        [1, 2],
        [2, 3],
        [3, 4],
      ])
    },
  },
  {
    ...common,
    name: 'refCtrOffsets: the counter of a static probe is raised',
    policy: `
      uprobes:
      - path: {program}
        symbols: [counted]
        refCtrOffsets: [{counter}]`,
    hit: ['counter'],
    miss: ['six'],
    prints: '1\n',
    expect({ body }, _, { facts }) {
      assert.equal(body.ref_ctr_offset, facts.counter)
    },
  },
  digested('one of several is the sha256 of the file', `"${noDigest}", "sha256:{sha256}"`),
  digested('build id', '"build-id:{buildId}"'),
  digested('another file is refused', `"${noDigest}"`, { refused: /its sha1 is [0-9a-f]{40}/ }),
  {
    // The second hook is attached after the first has seen the file.
    ...digested('another file is ignored', `"${noDigest}"`),
    policy: `
      uprobes:
      - path: {program}
        symbols: [takes_six]
        ignore: {digestVerificationFailure: true}
        binaryDigests: ["${noDigest}"]
      - path: {program}
        symbols: [takes_numbers]`,
    hit: ['six', '--', 'numbers', '7', '0', '0', '--', 'six'],
    expect({ body }) {
      assert.equal(body.symbol, 'takes_numbers')
    },
  },
]
