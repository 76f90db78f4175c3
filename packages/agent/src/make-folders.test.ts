import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { makeFolders } from './make-folders.ts'

const folder = mkdtempSync(join(tmpdir(), 'tetragon-folders-'))
after(() => rmSync(folder, { recursive: true, force: true }))

describe('folders', () => {
  it('are made with those above them, and may be there', () => {
    const path = join(folder, 'a/b/c')
    makeFolders(path, 0o700)
    makeFolders(path, 0o700)
    assert.equal(statSync(path).mode & 0o777, 0o700)
  })

  it('cannot be made everywhere, and that is told', () => {
    writeFileSync(join(folder, 'file'), '')
    assert.throws(() => makeFolders('/proc/no/such/folder'), { code: 'ENOENT' })
    assert.throws(() => makeFolders(join(folder, 'file/x')), { code: 'ENOTDIR' })
  })
})
