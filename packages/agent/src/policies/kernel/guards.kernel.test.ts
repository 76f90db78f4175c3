import assert from 'node:assert/strict'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Collection } from '@tetragon-ts/ebpf/lang'
import { guardsMap } from '@tetragon-ts/sensors/compiler'
import { makeTestFolder } from '../../testing/index.ts'
import { Guards } from './guards.ts'

test('guards are the files that are at their paths, and some that were', () => {
  const folder = makeTestFolder()
  using collection = new Collection()
  const warnings: string[] = []
  const paths = ['/missing', '/link', '/folder', '/file', '/same']
  using guards = new Guards(collection, folder, paths, (message) => warnings.push(message))
  const map = collection.map(guardsMap)
  const inodes = () => [...map.keys()].map(String).sort()
  const checked = () => {
    guards.check()
    guards.check()
    return warnings.splice(0)
  }
  try {
    mkdirSync(join(folder, 'folder'))
    symlinkSync('file', join(folder, 'link'))
    const place = (content: string) => {
      rmSync(join(folder, 'file'), { force: true })
      writeFileSync(join(folder, 'file'), content)
    }
    place('first')
    const [missing, link, notFile, second, ...others] = checked()
    assert.match(missing, /^guard \/missing: ENOENT.*; it is tried again$/)
    assert.equal(link, 'guard /link: it is a link: name its target')
    assert.equal(notFile, 'guard /folder: it is not a file')
    assert.match(second, /^guard \/same: ENOENT/)
    assert.deepEqual(others, [])
    const [first] = inodes()
    assert.equal(inodes().length, 1)

    writeFileSync(join(folder, 'missing'), '')
    for (let i = 0; i < 3; i++) {
      place(`next ${i}`)
      assert.deepEqual(checked(), [])
    }
    assert.equal(inodes().length, 5)
    assert.ok(inodes().includes(first))
    place('last')
    assert.deepEqual(checked(), [])
    assert.equal(inodes().length, 5)
    assert.ok(!inodes().includes(first))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
