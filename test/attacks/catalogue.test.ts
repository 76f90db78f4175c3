import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { blindActions } from './blind/catalogue.ts'
import { allActions } from './catalogue.ts'
import { rotate, rotationParts } from './rotation.ts'

const both = [...allActions, ...blindActions]

describe('catalogue of attacks', () => {
  it('has at least 200 actions over at least 80 techniques', () => {
    const techniques = new Set(allActions.map(({ technique }) => technique))
    assert.ok(allActions.length >= 200, `${allActions.length} actions`)
    assert.ok(techniques.size >= 80, `${techniques.size} techniques`)
  })

  it('has unique ids, and techniques of ATT&CK', () => {
    assert.equal(new Set(both.map(({ id }) => id)).size, both.length)
    for (const { id, technique } of both) {
      assert.match(id, /^[a-z0-9]+(-[a-z0-9]+)*$/)
      assert.match(technique, /^T\d{4}(\.\d{3})?$/, id)
    }
  })

  it('uses only addresses of the loopback interface', () => {
    const own = /^(0|127|198\.51\.100\.7|203\.0\.113\.9|169\.254\.169\.254)\b/
    // Without a route, besides 10.0.0.5: the kernel refuses them.
    const unreachable = /^(8\.8\.8\.8|10\.0\.0\.\d+)$/
    for (const { id, run, before = '', program } of both) {
      const text = `${run}\n${before}\n${program?.text}`
      for (const [address] of text.matchAll(/\b\d+\.\d+\.\d+\.\d+\b/g)) {
        assert.ok(own.test(address) || unreachable.test(address), `${id}: ${address}`)
      }
    }
  })

  it('runs each action in exactly one of the parts', () => {
    const parts = Array.from({ length: rotationParts }, (_, turn) => rotate(allActions, turn))
    assert.deepEqual(new Set(parts.flat()), new Set(allActions))
    assert.equal(parts.flat().length, allActions.length)
    assert.deepEqual(rotate(allActions, rotationParts), parts[0])
  })
})
