import assert from 'node:assert/strict'
import { linkSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, beforeEach, describe, it } from 'node:test'
import { guardsMap, versionsMax } from '@tetragon-ts/compiler'
import { Collection } from '@tetragon-ts/ebpf/collection'
import { makeTestFolder } from '../../testing/index.ts'
import { HeldFileSets } from './held-file-sets.ts'

describe('files that the kernel knows by their inodes', () => {
  const root = makeTestFolder()
  const collection = new Collection()
  const map = collection.map(guardsMap)
  const warnings: string[] = []
  const files = new HeldFileSets(collection, root, (message) => warnings.push(message))
  after(() => {
    files[Symbol.dispose]()
    collection.close()
    rmSync(root, { recursive: true, force: true })
  })

  const inodes = () => [...map.keys()].map(String).sort()
  const place = (name: string) => join(root, name)
  function checked(): string[] {
    files.check()
    files.check()
    return warnings.splice(0)
  }
  const write = (name: string): void => {
    rmSync(place(name), { force: true })
    writeFileSync(place(name), name)
  }
  beforeEach(() => {
    for (const key of map.keys()) map.delete(key)
    rmSync(root, { recursive: true })
    mkdirSync(root)
  })

  it('are what is at their paths, and nothing else', () => {
    mkdirSync(place('folder'))
    write('file')
    linkSync(place('file'), place('same'))
    symlinkSync('file', place('link'))
    const paths = ['/missing', '/link', '/folder', '/file', '/same']
    const set = files.hold({ what: 'guard', paths, inodes: map, onlyRegular: true })
    assert.equal(set.missing.length, 3)
    const [missing, link, notFile, ...others] = checked()
    assert.match(missing, /^guard \/missing: ENOENT.*; it is tried again$/)
    assert.equal(link, 'guard /link: it is a link: name its target; it is tried again')
    assert.equal(notFile, 'guard /folder: it is not a file; it is tried again')
    assert.deepEqual(others, [])
    assert.equal(inodes().length, 1)
    write('missing')
    assert.deepEqual(checked(), [])
    assert.equal(inodes().length, 2)
    files.release(set)
  })

  it('stay known when they are renamed or replaced, as long as they have a name', () => {
    write('file')
    const set = files.hold({ what: 'guard', paths: ['/file'], inodes: map })
    const [first] = inodes()
    renameSync(place('file'), place('elsewhere'))
    assert.match(checked()[0], /ENOENT/)
    // Deleted files make room.
    for (let i = 0; i < versionsMax + 3; i++) {
      write('file')
      assert.deepEqual(checked(), [])
    }
    assert.equal(inodes().length, versionsMax)
    assert.ok(inodes().includes(first))
    renameSync(place('elsewhere'), place('file'))
    assert.deepEqual(checked(), [])
    assert.equal(inodes().length, versionsMax)
    // Files that still exist are never forgotten for new ones.
    const reports: string[] = []
    for (let i = 0; i < versionsMax; i++) {
      renameSync(place('file'), place(`kept ${i}`))
      write('file')
      reports.push(...checked())
    }
    assert.ok(inodes().includes(first))
    assert.equal(inodes().length, versionsMax)
    const full = `${versionsMax} files that were there before still exist`
    assert.deepEqual(reports, [`guard /file: ${full}; it is tried again`])
    files.release(set)
  })
})
