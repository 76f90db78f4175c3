import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, it } from 'node:test'
import { InstanceLock } from './instance-lock.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tetragon-lock-'))
  path = join(folder, 'tetragon.pid')
})
afterEach(() => rmSync(folder, { recursive: true }))

it('the pid file goes with its agent', () => {
  const lock = new InstanceLock(path)
  assert.equal(readFileSync(path, 'utf8'), `${process.pid}\n`)
  assert.throws(() => new InstanceLock(path), { code: 'AGENT_RUNNING' })
  lock[Symbol.dispose]()
  assert.equal(existsSync(path), false)
})

it('an agent whose pid file was removed leaves that of its successor', () => {
  const lock = new InstanceLock(path)
  rmSync(path)
  const successor = new InstanceLock(path)
  lock[Symbol.dispose]()
  assert.equal(readFileSync(path, 'utf8'), `${process.pid}\n`)
  assert.throws(() => new InstanceLock(path), { code: 'AGENT_RUNNING' })
  rmSync(path)
  successor[Symbol.dispose]()
})
