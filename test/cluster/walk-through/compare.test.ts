import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compareObjects, firstMissingLine } from './compare.ts'

describe('lines of the walk-through', () => {
  const expected = [
    'connect a.b tcp 10.0.0.9:34362 -> 142.250.207.110:80',
    'sendmsg bytes 74',
    'exit 0',
  ]

  it('are found in order, with others between them', () => {
    const lines = ['x', 'connect a.b tcp 1.2.3.4:5 -> 6.7.8.9:80', 'y', 'sendmsg bytes 5', 'exit 0']
    assert.equal(firstMissingLine(expected, lines), undefined)
    assert.equal(firstMissingLine(expected, lines.toReversed()), 'sendmsg bytes 74')
  })

  it('differ in everything that is not a wildcard', () => {
    assert.equal(firstMissingLine(['exit 0'], ['exit 1']), 'exit 0')
    assert.equal(firstMissingLine(['a.b'], ['axb']), 'a.b')
    assert.equal(firstMissingLine(['--host  --port'], ['--host --port']), '--host  --port')
    const socket = 'tcp 10.0.0.9:1 -> 10.0.0.8:2'
    assert.equal(firstMissingLine([socket], ['tcp 10.0.0.9:1 -> 10.0.0.8']), socket)
  })

  it('have the words of the node', () => {
    assert.equal(firstMissingLine(['on kind'], ['on ours'], { kind: 'ours' }), undefined)
    assert.equal(firstMissingLine(['on kind'], ['on kind'], { kind: 'ours' }), 'on kind')
  })
})

describe('objects of the walk-through', () => {
  const expected = { pid: 1, uid: 0, pod: { name: 'xwing', docker: 'e'.repeat(31) } }

  it('may have other fields, which are listed', () => {
    const actual = {
      pid: 7,
      uid: 0,
      tty: 1,
      pod: { name: 'xwing', uid: 'u', docker: '1'.repeat(31) },
    }
    assert.deepEqual(compareObjects(expected, actual, {}), {
      missing: [],
      extra: ['pod.uid', 'tty'],
    })
  })

  it('have every field with its value, in order', () => {
    const docker = '1'.repeat(30)
    const actual = { uid: 0, pid: 7, pod: { name: 'xwing', docker } }
    const { missing } = compareObjects(expected, actual, {})
    assert.deepEqual(missing, ['uid: order', `pod.docker: "${docker}"`])
    const other = { pid: 7, uid: 1, pod: null }
    assert.deepEqual(compareObjects(expected, other, {}).missing, ['uid: 1', 'pod: null'])
    assert.deepEqual(compareObjects(expected, {}, {}).missing, [
      ...['pid: missing', 'uid: missing', 'pod: missing'],
    ])
  })
})
