import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseControl } from '@tetragon-ts/test/archives'
import { releaseOf } from './kernel-packages.ts'
import { versionBelongsTo } from './kernels.ts'

describe('parseControl', () => {
  it('splits paragraphs and joins folded lines', () => {
    const text = 'Package: a\nVersion: 1\nDescription: first\n second\n\n\nPackage: b\nVersion: 2\n'
    const [a, b] = parseControl(text)
    assert.equal(a.get('Description'), 'first\nsecond')
    assert.equal(b.get('Version'), '2')
    assert.deepEqual(parseControl(''), [])
  })
})

describe('releaseOf', () => {
  const meta = (depends: string) => new Map([['Depends', depends]])

  it('finds the kernel among other dependencies', () => {
    const depends = 'linux-base-cloud-amd64 (= 7.3), linux-image-7.3.4+deb13-cloud-amd64 (= 7.3)'
    assert.equal(releaseOf(meta(depends)), '7.3.4+deb13-cloud-amd64')
    const alone = 'linux-image-6.1.0-56-cloud-amd64 (= 6.1.192-2)'
    assert.equal(releaseOf(meta(alone)), '6.1.0-56-cloud-amd64')
  })

  it('ignores other packages', () => {
    assert.equal(releaseOf(meta('linux-image-amd64, foo-linux-image-6.1')), undefined)
    assert.equal(releaseOf(new Map()), undefined)
  })
})

describe('versionBelongsTo', () => {
  it('compares whole numbers', () => {
    assert.ok(versionBelongsTo('6.1.192-2', '6.1'))
    assert.ok(!versionBelongsTo('6.12.118-1', '6.1'))
    assert.ok(versionBelongsTo('7.3.4-1~bpo13+1', '7'))
  })
})
