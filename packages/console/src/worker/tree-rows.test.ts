import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProcessIndex } from '../store/process-index.ts'
import { treeRows } from './tree-rows.ts'

/** A process that executes itself in a loop. */
function looping(images: number): ProcessIndex {
  const index = new ProcessIndex(images, Number.POSITIVE_INFINITY)
  for (let i = 0; i < images; i++) {
    const process = { exec_id: `e${i}`, pid: 7, binary: '/bin/x', ...(i > 0 && parentOf(i)) }
    const response = { process_exec: { process }, node_name: 'n' }
    index.see({ key: 'process_exec', body: response.process_exec, response }, i)
  }
  return index
}
const parentOf = (i: number) => ({ parent_exec_id: `e${i - 1}` })

test('a row has the last images of a process, and that which was asked for', () => {
  const tree = looping(100).tree()
  const at = (around: string) => treeRows(tree, { around, rows: 10 }, () => 1).rows
  const [row, ...others] = at('e99')
  assert.equal(others.length, 0)
  assert.deepEqual([row.id, row.events, row.earlier.length, row.omitted], ['e99', 100, 16, 83])
  assert.equal(row.earlier.at(-1)?.execId, 'e98')
  const [early] = at('e3')
  assert.deepEqual([early.earlier[0].execId, early.earlier.length, early.omitted], ['e3', 17, 82])
})

test('a process may execute itself any number of times', () => {
  const index = looping(150_000)
  const { rows, count } = treeRows(index.tree(), { from: 0, to: 10 }, () => 0)
  assert.deepEqual([count, rows[0].omitted], [1, 150_000 - 17])
  assert.equal(index.tree(() => true).length, 1)
  const images = index.images('e0')
  assert.deepEqual([images.length, images.at(-1)?.execId], [512, 'e149999'])
})
