import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { SavedFile } from './saved-file.ts'

describe('a saved file', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'saved-file-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('reports a failure once until a write succeeds', () => {
    const path = join(folder, 'missing', 'state.json')
    const failures: string[] = []
    const content = {
      encode: () => '5',
      decode: (json: unknown) => json,
      failed: (action: string) => failures.push(action),
    }
    const file = new SavedFile(path, content, 1000)
    const save = () => {
      file.changed()
      file.close()
    }
    save()
    save()
    assert.deepEqual(failures, ['save'])
    mkdirSync(dirname(path), { mode: 0o700 })
    save()
    assert.equal(file.read(), 5)
    rmSync(dirname(path), { recursive: true })
    save()
    assert.deepEqual(failures, ['save', 'save'])
  })
})
