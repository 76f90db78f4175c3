import assert from 'node:assert/strict'
import { it } from 'node:test'
import { NodeFields } from './node-fields.ts'

const read = (fields: NodeFields): unknown =>
  JSON.parse(Buffer.from(`{${fields.text}}`, 'latin1').toString())

it('events have the node, its cluster and its labels', () => {
  const fields = new NodeFields('nöde', 'c"')
  assert.deepEqual(read(fields), { node_name: 'nöde', cluster_name: 'c"' })
  assert.equal(fields.setLabels({ zone: 'a', 'x/ü': '' }), undefined)
  const labels = { node_labels: { zone: 'a', 'x/ü': '' } }
  assert.deepEqual(read(fields), { node_name: 'nöde', cluster_name: 'c"', ...labels })
  fields.setLabels({})
  assert.deepEqual(read(fields), { node_name: 'nöde', cluster_name: 'c"' })
})

it('events omit very many labels', () => {
  const fields = new NodeFields('n', '')
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`example.com/${i}`, 'x']))
  fields.setLabels({ zone: 'a' })
  assert.match(fields.setLabels(many) ?? '', /^show the labels of the node: they have \d+ bytes/)
  assert.deepEqual(read(fields), { node_name: 'n' })
})
