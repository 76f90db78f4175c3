import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { attributionOf, gapsOf } from './attribution.ts'

describe('gaps between lines', () => {
  const lines = ['a', 'b', 'c', 'd', 'e', 'f']
  const without = (missing: string): readonly string[] =>
    gapsOf(lines, new Set(lines.filter((line) => !missing.includes(line))))

  it('are counted, however many lines each has', () => {
    assert.deepEqual(without(''), [])
    assert.deepEqual(without('c'), ['c'])
    assert.deepEqual(without('bcd'), ['b to d'])
    assert.deepEqual(without('bd'), ['b', 'd'])
    assert.deepEqual(without('a'), ['a'])
    assert.deepEqual(without('abd'), ['a to b', 'd'])
  })

  it('are none if only the last line is missing, which may not be written yet', () => {
    assert.deepEqual(without('f'), [])
    assert.deepEqual(without('bf'), ['b'])
    assert.deepEqual(without('ef'), ['e to f'])
    assert.deepEqual(without('bef'), ['b', 'e to f'])
    assert.deepEqual(without('abcdef'), ['a to f'])
    assert.deepEqual(gapsOf([], new Set()), [])
  })

  it('ignore lines that no pod has logged', () => {
    assert.deepEqual(gapsOf(lines, new Set([...lines, 'x'])), [])
    assert.deepEqual(gapsOf(lines, new Set(['x'])), ['a to f'])
  })
})

describe('an event without a pod', () => {
  const problemsOf = (binary: string, flags: string) => {
    const process = { exec_id: 'x', binary, docker: 'c4ea', flags }
    const time = '2026-12-01T12:00:00Z'
    return attributionOf([{ time, process_exec: { process } }], new Map()).problems
  }

  it('is a problem, which shows the event', () => {
    for (const [binary, flags] of [
      ['', 'procFS'],
      ['', 'execve miss'],
      ['/bin/sh', 'procFS miss'],
    ] as const) {
      assert.match(problemsOf(binary, flags).join(), /^no pod: \{"time":.*"docker":"c4ea"/)
    }
  })

  it('is none of a container that never executed its program', () => {
    const time = '2026-12-01T12:00:00Z'
    const init = '/memfd:runc_cloned:/proc/self/exe (deleted)'
    const problems = (flags: string, ...others: readonly { binary: string; docker: string }[]) => {
      const first = { exec_id: 'x', binary: init, arguments: 'init', docker: 'c4ea', flags }
      const later = others.map((each) => ({ ...each, exec_id: 'y', flags: 'execve', pod }))
      const ended = { time, process_exit: { process: first } }
      const all = [first, ...later].map((process) => ({ time, process_exec: { process } }))
      return attributionOf([...all, ended], new Map()).problems.length
    }
    const pod = { namespace: 'default', name: 'a', uid: 'u' }
    assert.equal(problems('procFS'), 0)
    assert.equal(problems('procFS', { binary: '/bin/sh', docker: 'other' }), 0)
    assert.equal(problems('procFS', { binary: '/bin/sh', docker: 'c4ea' }), 2)
    assert.equal(problems('execve'), 2)
  })

  it('is none of a process that ended before the agent could look at it', () => {
    assert.deepEqual(problemsOf('', 'procFS inInitTree miss'), [])
  })
})
