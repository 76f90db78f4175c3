import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ProcessTrees } from './process-tree.ts'

const exec = (id: string, parent: string, args = '') =>
  JSON.stringify({
    process_exec: {
      process: { exec_id: id, parent_exec_id: parent, binary: '/bin/sh', arguments: args },
      parent: { exec_id: parent },
    },
  })

function trees(...lines: string[]): ProcessTrees {
  const all = new ProcessTrees(new Map([['/home/ann/job-a', 'a']]))
  for (const line of lines) all.add(line)
  return all
}

describe('ProcessTrees', () => {
  it('follows children of the script, and no others', () => {
    const all = trees(exec('1', '0', '/home/ann/job-a'), exec('2', '1'), exec('3', '2'))
    all.add(exec('4', '0'))
    assert.deepEqual(
      all.of('a').map(({ ofScript }) => ofScript),
      [true, false, false],
    )
  })

  it('ignores what the process did before it was the script', () => {
    assert.equal(trees(exec('1', '0'), exec('2', '1', '/home/ann/job-a')).of('a').length, 1)
  })

  it('finds a process by its ancestors if its parent started no program', () => {
    const hook = { policy_name: 'p', process: { exec_id: '3', parent_exec_id: '2' } }
    const line = { process_kprobe: { ...hook, ancestors: [{ exec_id: '1' }] } }
    const all = trees(exec('1', '0', '/home/ann/job-a'), JSON.stringify(line))
    assert.deepEqual(all.of('a')[1].policy, 'p')
    all.add(exec('4', '3'))
    assert.equal(all.of('a').length, 3)
  })

  it('keeps findings, with the level that is left out', () => {
    const line = JSON.parse(exec('1', '0', '/home/ann/job-a'))
    const all = trees(JSON.stringify({ ...line, findings: [{ title: 'x' }] }))
    const finding = { title: 'x', level: 'informational', techniques: [] }
    assert.deepEqual(all.of('a')[0].findings, [finding])
  })
})
