import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { processFlags } from '@tetragon-ts/api'
import fc from 'fast-check'
import { AddressNames, addressKey } from './address-names.ts'
import type { Process } from './process.ts'

/** A process with the fields that names depend on. */
function processOf(
  pid: number,
  start: number,
  parent?: Process,
  flags: number = processFlags.clone,
): Process {
  return { pid, start, parent, flags } as Process
}

const addressesMax = 256
const totalMax = 16_384

describe('names of addresses', () => {
  const process = processOf(7, 100)

  it('are those of the process that looked them up, latest first', () => {
    const names = new AddressNames()
    assert.equal(names.isEmpty, true)
    names.add(process, ['1', '2'], '"a"', 110)
    names.add(process, ['2'], '"b"', 120)
    names.add(process, ['2', '2'], '"a"', 130)
    assert.deepEqual(names.find(process, undefined, '1'), ['"a"'])
    assert.deepEqual(names.find(process, undefined, '2'), ['"a"', '"b"'])
    assert.deepEqual(names.find(process, undefined, '3'), [])
    assert.deepEqual(names.find(processOf(7, 100), undefined, '1'), [])
    assert.equal(names.size, 2)
  })

  it('are at most four for an address', () => {
    const names = new AddressNames()
    for (const name of 'abcdef') names.add(process, ['1'], name, 1)
    assert.deepEqual(names.find(process, undefined, '1'), ['f', 'e', 'd', 'c'])
  })

  it('are those of ancestors from before the fork, unless a program was executed', () => {
    const names = new AddressNames()
    const child = processOf(8, 200, process)
    const grandchild = processOf(9, 300, child)
    const image = processOf(9, 300, grandchild)
    names.add(process, ['1'], 'before', 150)
    names.add(process, ['2'], 'after', 250)
    names.add(child, ['3'], 'of the child', 260)
    const found = (of: Process) => ['1', '2', '3'].map((key) => names.find(of, of.parent, key)[0])
    assert.deepEqual(found(process), ['before', 'after', undefined])
    assert.deepEqual(found(child), ['before', undefined, 'of the child'])
    assert.deepEqual(found(grandchild), ['before', undefined, 'of the child'])
    assert.deepEqual(found(image), [undefined, undefined, undefined])
    // The image before it was lost or forgotten, so its parent is that of the process.
    for (const flags of [processFlags.execve, processFlags.procFS]) {
      assert.deepEqual(found(processOf(10, 300, child, flags)), [undefined, undefined, undefined])
    }
  })

  it('of an ended process are dropped first, also those that are added late', () => {
    const names = new AddressNames()
    const late = processOf(8, 200)
    names.add(process, ['1'], 'a', 1)
    names.ended(late)
    names.add(late, ['1'], 'b', 1)
    for (let pid = 100; names.size < totalMax; pid++) {
      const keys = Array.from({ length: addressesMax }, (_, i) => `${i}`)
      names.add(processOf(pid, 1), keys.slice(0, totalMax - names.size), 'c', 1)
    }
    names.add(processOf(9, 1), ['1'], 'd', 1)
    assert.deepEqual(names.find(late, undefined, '1'), [])
    assert.deepEqual(names.find(process, undefined, '1'), ['a'])
  })

  it('have bounds: the oldest of a process, and the least recently used of all', () => {
    const names = new AddressNames()
    const keys = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) => `${from + i}`)
    names.add(process, keys(0, addressesMax + 1), 'a', 1)
    assert.equal(names.size, addressesMax)
    assert.deepEqual(names.find(process, undefined, '0'), [])
    assert.deepEqual(names.find(process, undefined, '1'), ['a'])

    const others = Array.from({ length: totalMax / addressesMax - 1 }, (_, i) => processOf(i, 1))
    for (const other of others) names.add(other, keys(0, addressesMax), 'b', 1)
    assert.equal(names.size, totalMax)
    // Used, so that the next one is the least recently used; an ended one is dropped before.
    names.find(process, undefined, '1')
    names.ended(others[5])
    names.add(processOf(1000, 1), ['1'], 'c', 1)
    assert.deepEqual(names.find(others[5], undefined, '1'), [])
    assert.deepEqual(names.find(others[0], undefined, '1'), ['b'])
    for (let i = 0; i < addressesMax; i++) names.add(processOf(2000 + i, 1), ['1'], 'd', 1)
    assert.deepEqual(names.find(others[1], undefined, '1'), [])
    assert.deepEqual(names.find(process, undefined, '1'), ['a'])
    assert.ok(names.size <= totalMax)

    names.clear()
    assert.equal(names.isEmpty, true)
    assert.deepEqual(names.find(process, undefined, '1'), [])
  })

  it('keep their count whatever happens', () => {
    const processes = [0, 1, 2].map((pid) => processOf(pid, 1))
    const step = fc.record({
      process: fc.constantFrom(...processes),
      address: fc.nat(400),
      count: fc.nat(300),
      act: fc.constantFrom('add', 'end', 'clear'),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const names = new AddressNames()
        for (const { process, address, count, act } of steps) {
          if (act === 'end') names.ended(process)
          else if (act === 'clear') names.clear()
          else {
            const keys = Array.from({ length: count }, (_, i) => `${address + i}`)
            names.add(process, keys, 'n', 1)
          }
        }
        let found = 0
        for (const process of processes) {
          for (let i = 0; i < 700; i++) found += names.find(process, undefined, `${i}`).length
        }
        assert.equal(found, names.size)
      }),
      { numRuns: 50 },
    )
  })
})

describe('keys of addresses', () => {
  it('are the same for an IPv4 address in both forms', () => {
    const home = 0x0100007f
    assert.equal(addressKey(2, home, 0, 0, 0), addressKey(10, 0, 0, 0xffff0000, home))
    assert.notEqual(addressKey(2, home, 0, 0, 0), addressKey(10, home, 0, 0, 0))
    assert.notEqual(addressKey(10, 1, 2, 3, 4), addressKey(10, 1, 2, 3, 5))
  })
})
