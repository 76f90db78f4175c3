import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { isInExecutable, nameInExecutable, readOwnText } from './own-file.ts'

describe('own files', () => {
  it('are on disk beside a module of a package', () => {
    const address = new URL(import.meta.url)
    assert.equal(isInExecutable(address), false)
    assert.equal(readOwnText(address), readFileSync(address, 'utf8'))
  })

  it('keep their relative positions in the executable', () => {
    const module = 'executable:///agent/bundle/start.js'
    const address = new URL('../package.json', module)
    assert.equal(isInExecutable(address), true)
    assert.equal(nameInExecutable(address), 'agent/package.json')
    assert.equal(nameInExecutable(new URL('./worker.js', module)), 'agent/bundle/worker.js')
  })

  it('of an executable are errors in other programs', () => {
    assert.throws(() => readOwnText(new URL('executable:///agent/package.json')), {
      code: 'ERR_NOT_IN_SINGLE_EXECUTABLE_APPLICATION',
    })
  })
})
