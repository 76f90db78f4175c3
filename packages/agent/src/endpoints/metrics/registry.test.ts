import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { collectors } from './registry.ts'

const metrics = collectors.flatMap((collector) => collector.metrics)

describe('every metric', () => {
  it('has a unique name', () => {
    const names = metrics.map(({ name }) => name)
    assert.equal(new Set(names).size, names.length)
  })

  for (const { name, type, help, labels } of metrics) {
    it(`${name} has a name, help and labels as Prometheus takes them`, () => {
      assert.match(name, /^(tetragon|process|nodejs)_[a-z0-9_]+$/)
      assert.equal(name.endsWith('_total'), type === 'counter')
      assert.match(help, /^[^\n]+[^.\n]$/)
      for (const label of labels) assert.match(label, /^(?!__|le$)[a-z_]+$/)
      assert.equal(new Set(labels).size, labels.length)
    })
  }
})
