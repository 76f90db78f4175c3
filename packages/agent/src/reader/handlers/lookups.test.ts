import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HookDescription } from '@tetragon-ts/compiler/hooks'
import { recordMemory } from '@tetragon-ts/ebpf/records'
import type { ArgumentTypeName } from '@tetragon-ts/policy'
import type { Process } from '../../processes/process.ts'
import { plainContent } from '../event-content.ts'
import type { FieldValues } from '../testing/record-bytes.ts'
import { hookRecordBytes, testHook } from '../testing/test-records.ts'
import { CopiedRecords } from './copied-records.ts'
import { Lookups, lookupOf } from './lookups.ts'
import { prepareHook } from './prepared-hook.ts'

type Labelled = readonly [type: ArgumentTypeName, label: string]

/** A hook with these arguments, all in one record. */
function hookOf(...args: readonly Labelled[]): HookDescription {
  return {
    ...testHook(1),
    args: args.map(([type, label]) => ({ type, label, resolved: false })),
    enter: args.map((_, i) => `a${i}` as const),
  }
}

/** An entry of a list: 127.0.0.N, with one byte per character. */
function entry(last: number): string {
  return String.fromCharCode(2, 0, 0, 0, 127, 0, 0, last).padEnd(24, '\0')
}

const home = 0x0100007f
const lookup = hookOf(['string', ''], ['addrinfo', ''])

describe('the lookup of a hook', () => {
  it('has the string with the label name, or the first one', () => {
    const of = (...args: readonly Labelled[]) => lookupOf(hookOf(...args))
    assert.deepEqual(lookupOf(lookup), { name: 0, results: [1] })
    assert.deepEqual(of(['addrinfo', ''], ['int', 'name'], ['string', ''], ['string', 'name']), {
      name: 3,
      results: [0],
    })
    assert.deepEqual(of(['addrinfo', ''], ['string', 'a'], ['string', 'b'], ['addrinfo', '']), {
      name: 1,
      results: [0, 3],
    })
    assert.equal(of(['string', 'name']), undefined)
    assert.equal(of(['addrinfo', ''], ['int', 'name']), undefined)
  })
})

describe('names of lookups', () => {
  const process = { pid: 7, start: 1, parent: undefined } as Partial<Process> as Process

  /** Keeps the lookup of a record with these values. */
  function keep(lookups: Lookups, values: FieldValues): void {
    const bytes = hookRecordBytes(lookup, { pid: 7, start: 1 }, 5, values)
    const memory = recordMemory(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength)
    const hook = prepareHook(lookup, plainContent, memory, new CopiedRecords())
    hook.enter.header.at(0)
    assert.ok(hook.lookup)
    lookups.keep(hook.lookup, [hook.enter])
  }

  /** The names of 127.0.0.1 after a lookup. */
  function namesAfter(values: FieldValues, redact?: (text: string) => string): string {
    const lookups = new Lookups({ process, parent: undefined }, redact)
    keep(lookups, values)
    return lookups.namesOf(2, home, 0, 0, 0)
  }

  it('are JSON, whatever the name is', () => {
    const found = (a0_tail: string) => namesAfter({ a0_tail, a1_tail: entry(1) })
    assert.equal(found('a.example'), '["a.example"]')
    const hostile = 'a"b\\\n\u0000ü'
    const [name] = JSON.parse(Buffer.from(found(hostile), 'latin1').toString())
    assert.equal(name, hostile)
  })

  it('are kept up to the length of names', () => {
    const found = (length: number) =>
      namesAfter({ a0_tail: 'x'.repeat(length), a1_tail: entry(1) }) !== ''
    assert.deepEqual([0, 1, 254, 255].map(found), [false, true, true, false])
    // Its JSON would be six times as long.
    assert.equal(namesAfter({ a0_tail: '\u0001'.repeat(254), a1_tail: entry(1) }), '')
  })

  it('are not the addresses themselves', () => {
    for (const a0_tail of ['10.0.0.1', '::1', 'fe80::1%eth0']) {
      assert.equal(namesAfter({ a0_tail, a1_tail: entry(1) }), '')
    }
  })

  it('are left out of texts that are compared', () => {
    const lookups = new Lookups({ process, parent: undefined })
    lookups.add(lookupOf(lookup))
    keep(lookups, { a0_tail: 'a.example', a1_tail: entry(1) })
    lookups.without(() => assert.equal(lookups.namesOf(2, home, 0, 0, 0), ''))
    assert.equal(lookups.namesOf(2, home, 0, 0, 0), '["a.example"]')
  })

  it('are redacted', () => {
    const redact = (text: string) => text.replace('secret', '*****')
    const values = { a0_tail: 'secret.example', a1_tail: entry(1) }
    assert.equal(namesAfter(values, redact), '["*****.example"]')
  })

  it('need a name and an address that could be read', () => {
    const values = { a0_tail: 'a.example', a1_tail: entry(1) }
    assert.equal(namesAfter({ ...values, unreadable: 1 }), '')
    assert.equal(namesAfter({ ...values, unreadable: 2 }), '')
    assert.equal(namesAfter({ ...values, a1_tail: entry(2) }), '')
    assert.equal(namesAfter({ ...values, a1_tail: entry(1).slice(1) }), '')
  })

  it('are forgotten with the last hook', () => {
    const lookups = new Lookups({ process, parent: undefined })
    const wanted = lookupOf(lookup)
    lookups.add(wanted)
    lookups.add(wanted)
    keep(lookups, { a0_tail: 'a.example', a1_tail: entry(1) })
    lookups.remove(undefined)
    lookups.remove(wanted)
    assert.equal(lookups.namesOf(2, home, 0, 0, 0), '["a.example"]')
    lookups.remove(wanted)
    assert.equal(lookups.namesOf(2, home, 0, 0, 0), '')
  })
})
