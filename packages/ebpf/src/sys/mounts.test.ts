import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mountOf } from './mounts.ts'

const mounts = `proc /proc proc rw 0 0
cgroup /sys/fs/cgroup/cpu cgroup rw,relatime,cpu 0 0
cgroup2 /mnt/with\\040blank cgroup2 rw,relatime 0 0
cgroup2 /second cgroup2 rw,relatime 0 0
`

test('finds the first mount of a type', () => {
  assert.equal(mountOf('proc', mounts), '/proc')
  assert.equal(mountOf('cgroup', mounts), '/sys/fs/cgroup/cpu')
  assert.equal(mountOf('cgroup2', mounts), '/mnt/with blank')
  assert.equal(mountOf('tracefs', mounts), undefined)
  assert.equal(mountOf('proc', ''), undefined)
})
