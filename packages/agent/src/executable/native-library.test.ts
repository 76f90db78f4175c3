import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, it } from 'node:test'
import { firstThatLoads } from './native-library.ts'

const bytes = Buffer.from('library')
const noexec = () => {
  throw new Error('/proc/self/fd/21: failed to map segment from shared object')
}
const openFiles = () => readdirSync('/proc/self/fd').length

describe('the native library', () => {
  it('is loaded from the first folder that permits it', () => {
    const tried: string[] = []
    const load = (path: string) => {
      tried.push(path)
      if (tried.length === 1) noexec()
      return readFileSync(path, 'utf8')
    }
    const { path, result } = firstThatLoads(['/nowhere', '/dev/shm', tmpdir()], bytes, load)
    assert.equal(result, 'library')
    assert.equal(tried.length, 2)
    // Threads load it again.
    assert.equal(readFileSync(path, 'utf8'), 'library')
  })

  it('needs a file system that permits execution: the error has the reason of each', () => {
    const before = openFiles()
    assert.throws(() => firstThatLoads(['/nowhere', '/dev/null', '/dev/shm'], bytes, noexec), {
      code: 'AGENT_LIBRARY',
      message:
        /^load the native library: .*\/dev\/null: .*\/dev\/shm: failed to map segment [^/]*$/,
    })
    assert.equal(openFiles(), before)
  })
})
