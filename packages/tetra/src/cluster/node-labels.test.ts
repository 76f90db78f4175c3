import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nodeLabels } from './node-labels.ts'

describe('labels of nodes', () => {
  it('are as wide as the longest so far, up to a maximum', () => {
    const label = nodeLabels()
    const long = 'x'.repeat(100_000)
    const widths = ['a', 'long', 'a\x1b', long, 'b'].map((node) => label(node).length)
    assert.deepEqual(widths, [2, 5, 6, long.length + 1, 64])
    assert.equal(label(undefined).trimEnd(), '?')
  })
})
