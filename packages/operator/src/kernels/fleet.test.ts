import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fleet } from './fleet.ts'

const hashOf = (name: string) => name.repeat(64)

/** A fleet of nodes; of each its kernel and size. */
function fleetOf(nodes: Record<string, [string, number] | undefined>, limits?: object): Fleet {
  const fleet = new Fleet({ kernels: 16, bytes: 24 << 20, ...limits })
  for (const [name, kernel] of Object.entries(nodes)) {
    fleet.agents.set({ name, uid: name, node: `node-${name}`, isReady: true, isOver: false })
    if (kernel) fleet.set({ pod: name, kernel: { hash: hashOf(kernel[0]), size: kernel[1] } })
  }
  return fleet
}

test('nodes with the same kernel are together, the most first, and others are named', () => {
  const fleet = fleetOf({ p: ['a', 5], q: ['b', 5], r: ['b', 5], s: undefined })
  const { kept, unknown } = fleet.kernels
  assert.deepEqual(
    kept.map(({ hash, pods }) => [hash[0], pods.map(({ node }) => node)]),
    [
      ['b', ['node-q', 'node-r']],
      ['a', ['node-p']],
    ],
  )
  assert.deepEqual(
    unknown.map(({ node }) => node),
    ['node-s'],
  )
  fleet.agents.delete({ name: 'p' })
  assert.equal(fleet.kernels.kept.length, 1, 'a node that leaves takes its kernel away')
})

test('kernels beyond the limits are refused, those of fewer nodes first', () => {
  const nodes = { a1: ['a', 9], a2: ['a', 9], b: ['b', 9], c: ['c', 9] } as const
  const refusedOf = (limits: object) =>
    fleetOf(nodes as never, limits).kernels.refused.map(({ hash }) => hash[0])
  assert.deepEqual(refusedOf({ kernels: 2 }), ['c'])
  assert.deepEqual(refusedOf({ bytes: 10 }), ['b', 'c'])
  assert.equal(fleetOf({ x: ['a', 2 ** 30] }).kernels.refused.length, 1)
})

test('a node that claims another size does not affect others with the kernel', () => {
  const { kept, refused } = fleetOf({ evil: ['a', 1], p: ['a', 5], q: ['a', 5] }).kernels
  assert.deepEqual([kept[0].size, kept[0].pods.length, refused.length], [5, 2, 1])
})
