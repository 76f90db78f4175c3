import assert from 'node:assert/strict'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { UserNames } from './user-names.ts'

let folder: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'users-'))
})
after(() => rmSync(folder, { recursive: true }))

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

describe('user names', () => {
  it('are those of the first file that can be read', () => {
    const path = file('passwd', 'root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/:\nü:x:1000:1000:::\n')
    const users = new UserNames([join(folder, 'none'), path, file('other', 'other:x:1:1:::\n')])
    assert.equal(users.get(0), 'root')
    assert.equal(users.get(1000), 'ü')
    assert.equal(users.get(1), undefined)
  })

  it('are read again when the file is replaced, immediately for unknown users', () => {
    const path = file('changing', 'a:x:1:1:::\n')
    const users = new UserNames([path])
    assert.equal(users.get(1), 'a')
    assert.equal(users.get(2), undefined)
    renameSync(file('changed', 'a:x:1:1:::\nb:x:2:2:::\n'), path)
    assert.equal(users.get(2), 'b')
  })

  it('are none where there is no file', () => {
    assert.equal(new UserNames([join(folder, 'none')]).get(0), undefined)
  })

  it('come from any text', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom('::', 'a:x:1', 'b:x:-1:', 'c:x:1e3', ':x:7:'),
    )
    fc.assert(
      fc.property(fc.array(line), fc.integer({ min: 0, max: 1000 }), (lines, uid) => {
        const users = new UserNames([file('any', lines.join('\n'))])
        const found = lines
          .join('\n')
          .split('\n')
          .map((each) => each.split(':'))
          .find(([name, , id]) => name !== '' && /^\d+$/.test(id ?? '') && Number(id) === uid)
        assert.equal(users.get(uid), found?.[0])
      }),
      { numRuns: 50 },
    )
  })
})
