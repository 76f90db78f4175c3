import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { mountFileSystem, openFileSystem } from './detached-mount.ts'
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

test('a file system is mounted at a folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mount-'))
  try {
    mountFileSystem('bpf', folder, 0o700)
    assert.equal(statSync(folder).mode & 0o7777, 0o700)
    assert.match(readFileSync('/proc/self/mounts', 'latin1'), new RegExp(` ${folder} bpf `))
    assert.equal(spawnSync('umount', [folder]).status, 0)
    assert.throws(
      () => mountFileSystem('bpf', join(folder, 'none'), 0o700),
      /mount file system bpf at .*ENOENT/,
    )
  } finally {
    rmdirSync(folder)
  }
})
