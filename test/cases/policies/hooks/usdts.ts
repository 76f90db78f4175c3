import assert from 'node:assert/strict'
import type { KprobeArgument } from '@tetragon-ts/api'
import type { PolicyCase, Trigger } from '../policy-case.ts'

const common = { covers: { kind: 'hook', name: 'usdts' }, program: 'static-probes' } as const

/** A policy with one probe. */
function probing(probe: string, fields = '', options = ''): string {
  return `
      options: [${options}]
      usdts:
      - path: {program}
        provider: probes
        name: ${probe}
        ${fields}`
}

/** The arguments of a probe at one place. */
function placed(
  name: string,
  probe: string,
  args: string,
  hit: Trigger,
  expected: readonly KprobeArgument[],
): PolicyCase {
  const policy = probing(probe, `args: [${args}]`)
  return {
    ...common,
    name,
    onHost: true,
    policy,
    hit,
    expect({ args: shown }) {
      assert.deepEqual(shown, expected)
    },
  }
}

/** Arguments of these types, in order. */
function typed(...types: readonly string[]): string {
  return types.map((type, index) => `{index: ${index}, type: ${type}}`).join(', ')
}

function places(name: string, options: string, more: Partial<PolicyCase>): PolicyCase {
  const selectors = 'selectors: [{matchArgs: [{index: 0, operator: GT, values: ["1"]}]}]'
  const fields = `args: [{index: 0, type: int}]\n        ${selectors}`
  return {
    ...common,
    name,
    policy: probing('places', fields, options),
    hit: ['places'],
    miss: ['constants'],
    count: 2,
    expect(_, all) {
      const values = all.map(({ args }) => args[0].int_arg)
      assert.deepEqual(values, [2, 3])
    },
    ...more,
  }
}

export const usdtCases: readonly PolicyCase[] = [
  {
    ...common,
    name: 'a probe by provider and name',
    policy: probing('variable', 'message: a hit\n        tags: [observability.process]'),
    hit: ['variable'],
    miss: ['unknown'],
    expect({ key, body, compact }, _, { program }) {
      const { path, provider, name, message, tags, action } = body
      assert.deepEqual([key, path, provider, name], ['process_usdt', program, 'probes', 'variable'])
      assert.deepEqual([message, tags], ['a hit', ['observability.process']])
      assert.equal(action, 'KPROBE_ACTION_POST')
      assert.equal(compact, `🕵\ufe0f usdt    test ${program} ${program} probes variable`)
    },
  },
  placed(
    'registers of 8, 4, 2 and 1 bytes, with and without sign',
    'registers',
    typed('uint64', 'int', 'uint32', 'int64', 'uint8', 'uint8', 'int8'),
    ['registers', '0x80000000fffe82ff'],
    [
      ...[{ size_arg: '9223372041149645567' }, { int_arg: -97_537 }, { uint_arg: 4_294_869_759 }],
      ...[{ long_arg: '-32001' }, { uint_arg: 255 }, { uint_arg: 130 }, { int_arg: -1 }],
    ],
  ),
  placed(
    'constants, with the types that the program declares',
    'constants',
    '{index: 0}, {index: 1}, {index: 2}',
    ['constants'],
    [{ int_arg: -7 }, { size_arg: '78187493530' }, { uint_arg: 4_294_967_295 }],
  ),
  placed(
    'memory of 8, 4, 2 and 1 bytes, and a text',
    'memory',
    typed('int64', 'int', 'int', 'int', 'string'),
    ['memory'],
    [
      ...[{ long_arg: '-1' }, { int_arg: -2 }, { int_arg: 65_535 }],
      ...[{ int_arg: -3 }, { string_arg: 'text' }],
    ],
  ),
  placed(
    'items of a table: base, index and scale',
    'table',
    typed('int', 'int'),
    ['table', '1'],
    [{ int_arg: -20 }, { int_arg: 300 }],
  ),
  placed('a variable', 'variable', typed('int'), ['variable'], [{ int_arg: 11 }]),
  places('the arguments of a probe at several places must match', '', {}),
  places('disable-uprobe-multi', '{name: disable-uprobe-multi, value: "true"}', {
    onHost: true,
    backend: /^uprobe$/,
  }),
  {
    ...common,
    name: 'the semaphore of a probe is raised',
    policy: probing('counted', 'args: [{index: 0, type: int}]'),
    hit: ['counted', '5'],
    miss: ['unknown'],
    prints: '1\n',
    expect: ({ args }) => assert.deepEqual(args, [{ int_arg: 5 }]),
  },
]
