import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { openFileSystem } from './detached-mount.ts'
import { SystemCallError } from './error.ts'

test('a file system is there for this process, mounted nowhere', () => {
  const mounts = readFileSync('/proc/self/mounts', 'latin1')
  using opened = openFileSystem('tracefs')
  assert.ok(existsSync(`/proc/self/fd/${opened.number}/events/sched`))
  assert.equal(readFileSync('/proc/self/mounts', 'latin1'), mounts)
})

test('the kernel says when it has none of that name', () => {
  assert.throws(() => openFileSystem('no-such-file-system'), SystemCallError)
})
