import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SystemCallError } from '@tetragon-ts/ebpf/sys'
import { MappingRings } from './mapping-rings.ts'

const [ENOMEM, ENODEV] = [12, 19]
const observer = { mapped: () => {}, executing: () => {}, lost: () => {} }

/** Rings of CPUs, some of which are refused with an error number. */
function machine(online: number[]) {
  const refused = new Map<number, number>()
  const open = new Set<number>()
  const warnings: string[] = []
  const rings = () =>
    new MappingRings((message) => warnings.push(message), {
      cpus: () => online,
      open(cpu) {
        const number = refused.get(cpu)
        if (number !== undefined) throw new SystemCallError(`open ${cpu}`, number)
        open.add(cpu)
        return { pending: 0, read: () => undefined, close: () => open.delete(cpu) }
      },
    })
  return { online, refused, open, warnings, rings }
}

test('CPUs that come and go are followed, and a refused one does not hide the others', (t) => {
  let now = 0
  t.mock.method(performance, 'now', () => now)
  const { online, refused, open, warnings, rings } = machine([0, 1])
  const all = rings()
  const look = (): number[] => {
    now += 10_000
    all.followCpus(observer)
    return [...open].sort()
  }
  online.splice(1, 1, 2, 3, 4)
  refused.set(2, ENODEV).set(3, ENOMEM)
  assert.deepEqual(look(), [0, 4])
  assert.match(warnings[0], /open 3: .*ENOMEM|open 3: .*memory/i)
  assert.deepEqual(look(), [0, 4])
  assert.equal(warnings.length, 1)
  refused.clear()
  assert.deepEqual(look(), [0, 2, 3, 4])
  all.close()
  assert.equal(open.size, 0)
})

test('a CPU that goes offline during the start is ignored, other refusals are not', () => {
  const { refused, open, rings } = machine([0, 1, 2])
  refused.set(1, ENODEV)
  rings()
  assert.deepEqual([...open], [0, 2])
  refused.set(1, ENOMEM)
  assert.throws(rings, /open 1/)
  assert.equal(open.size, 0)
})
