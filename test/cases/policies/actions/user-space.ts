import assert from 'node:assert/strict'
import { ElfFile } from '@tetragon-ts/ebpf/elf'
import type { PolicyCase } from '../policy-case.ts'

/** Location of the function that actions may run instead. */
function alternative(program: string): Readonly<Record<string, string>> {
  using elf = ElfFile.open(program)
  const [{ address }] = elf.symbols.find('alternative')
  return { address: String(address), offset: String(elf.offsetOf(address)) }
}

interface Acting {
  /** The action with its fields, as in a policy. */
  readonly action: string
  /** Enforcement that the event reports, if any. */
  readonly enforcement?: {
    readonly means: string
    readonly signal?: number
    readonly error?: number
  }
  readonly prints: string
}

/** An action at a call of a function with 3; the program prints `ran` if the function runs. */
function calling(
  name: string,
  { action, enforcement, prints }: Acting,
  more: Partial<PolicyCase> = {},
): PolicyCase {
  const [kind] = action.split(',')
  return {
    name: `uprobes: ${name}`,
    covers: { kind: 'action', name: kind },
    program: 'redirected',
    policy: `
      uprobes:
      - path: {program}
        symbols: [decides]
        args: [{index: 0, type: long}]
        selectors:
        - matchArgs: [{index: 0, operator: Equal, values: ["3"]}]
          matchActions: [{action: ${action}}]`,
    hit: ['call', '3', '4'],
    miss: ['call', '5', '6', '--', 'call-other', '3', '4'],
    prints,
    everyKernel: true,
    expect({ body }) {
      assert.equal(body.action, `KPROBE_ACTION_${kind.toUpperCase()}`)
      assert.deepEqual(body.enforcement, [{ action: kind, ...enforcement, done: true }])
    },
    ...more,
  }
}

function overriding(
  name: string,
  fields: string,
  prints: string,
  details: { readonly error?: number } = {},
): PolicyCase {
  const action = `Override, ${fields}`
  const acting = { action, enforcement: { means: 'registers', ...details }, prints }
  return calling(name, acting, { facts: alternative, needs: { probes: ['uprobe_registers'] } })
}

function setting(name: string, fields: string, prints: string): PolicyCase {
  const acting = { action: `Set, ${fields}`, enforcement: { means: 'registers' }, prints }
  return calling(name, acting, { needs: { probes: ['uprobe_registers'] } })
}

export const userSpaceCases: readonly PolicyCase[] = [
  calling(
    'before the function runs',
    { action: 'Sigkill', enforcement: { means: 'signal', signal: 9 }, prints: '' },
    { end: 'SIGKILL' },
  ),
  calling(
    'before the function runs',
    { action: 'Signal, argSig: 10', enforcement: { means: 'signal', signal: 10 }, prints: '' },
    { end: 'SIGUSR1' },
  ),
  calling(
    'suppresses events of its selector',
    { action: 'NoPost', prints: 'ran\n10\n' },
    { count: 0, expect: undefined, everyKernel: false },
  ),
  overriding('argError is the result of the function', 'argError: -7', '-7\n', { error: -7 }),
  overriding('argNewSymbol runs another function', 'argNewSymbol: alternative', '1007\n'),
  overriding('argNewAddr runs another function', 'argNewAddr: {address}', '1007\n'),
  overriding('argNewOffset runs another function', 'argNewOffset: {offset}', '1007\n'),
  overriding('argRegs sets registers', 'argRegs: ["rax=11", "rip=(%rsp)", "rsp=8%rsp"]', '11\n'),
  ...[
    setting('a parameter', 'argIndex: 1, argValue: 70', 'ran\n76\n'),
    setting(
      'the first parameter, as a whole',
      'argIndex: 0, argValue: 0xffffffff',
      'ran\n8589934594\n',
    ),
  ],
  {
    name: 'uprobes: two parameters, of which the last value counts',
    covers: { kind: 'action', name: 'Set' },
    program: 'redirected',
    policy: `
      uprobes:
      - path: {program}
        symbols: [decides]
        args: [{index: 0, type: long}, {index: 1, type: long}]
        selectors:
        - matchArgs: [{index: 0, operator: Equal, values: ["3"]}]
          matchActions:
          - {action: Set, argIndex: 1, argValue: 9}
          - {action: Set, argIndex: 0, argValue: 10}
          - {action: Set, argIndex: 1, argValue: 1}`,
    hit: ['call', '3', '4'],
    miss: ['call', '5', '6'],
    prints: 'ran\n21\n',
    needs: { probes: ['uprobe_registers'] },
    everyKernel: true,
    expect({ args }) {
      // As the caller passed them.
      assert.deepEqual(args, [{ long_arg: '3' }, { long_arg: '4' }])
    },
  },
  {
    name: 'uprobes: only where the kernel can',
    covers: { kind: 'action', name: 'Set' },
    program: 'redirected',
    policy: `
      uprobes:
      - path: {program}
        symbols: [decides]
        selectors:
        - matchActions: [{action: Set, argIndex: 8, argValue: 9}]`,
    hit: ['call', '3', '4'],
    refused:
      /cannot enforce Set at decides: .*(bpf_context access|parameter 8 is not in a register)/,
  },
  {
    name: 'usdts: an argument in memory',
    covers: { kind: 'action', name: 'Set' },
    program: 'static-probes',
    policy: `
      usdts:
      - path: {program}
        provider: probes
        name: set
        args: [{index: 0, type: int}]
        selectors:
        - matchArgs: [{index: 0, operator: Equal, values: ["5"]}]
          matchActions: [{action: Set, argIndex: 0, argValue: 77}]`,
    hit: ['set', '5'],
    miss: ['set', '6'],
    prints: '77\n',
    needs: { probes: ['probe_write_user'] },
    everyKernel: true,
    expect({ args, body }) {
      assert.equal(body.action, 'KPROBE_ACTION_SET')
      assert.deepEqual(body.enforcement, [{ action: 'Set', means: 'user_write', done: true }])
      assert.deepEqual(args, [{ int_arg: 5 }])
    },
  },
  {
    name: 'usdts: at the probe',
    covers: { kind: 'action', name: 'Sigkill' },
    program: 'static-probes',
    policy: `
      usdts:
      - path: {program}
        provider: probes
        name: table
        args: [{index: 0, type: int}]
        selectors:
        - matchArgs: [{index: 0, operator: LT, values: ["0"]}]
          matchActions: [{action: Sigkill}]`,
    hit: ['table', '1'],
    miss: ['table', '0', '--', 'set', '6'],
    end: 'SIGKILL',
    everyKernel: true,
    expect({ args, body }) {
      const enforced = { action: 'Sigkill', means: 'signal', done: true, signal: 9 }
      assert.deepEqual(body.enforcement, [enforced])
      assert.deepEqual(args, [{ int_arg: -20 }])
    },
  },
]
