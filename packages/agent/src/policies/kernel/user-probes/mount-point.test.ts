import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mountPoint, mountPointIn } from './mount-point.ts'

const mountinfo = `22 1 0:20 / / rw - ext4 /dev/vda rw
23 22 0:21 / /srv rw - nfs4 server:/srv rw
24 23 0:22 / /srv/with\\040blank rw - fuse.sshfs host: rw
`

test('the mount of a path is the longest that it is in', () => {
  for (const [path, found] of [
    ['/usr/bin/true', '/'],
    ['/srv', '/srv'],
    ['/srv/bin/true', '/srv'],
    ['/srvbin/true', '/'],
    ['/srv/with blank/true', '/srv/with blank'],
  ]) {
    assert.equal(mountPointIn(mountinfo, path), found)
  }
})

test('mounts are those of the process whose root is named', () => {
  for (const root of ['/', `/proc/${process.pid}/root`]) {
    assert.equal(mountPoint(root, '/proc/self/maps'), '/proc')
  }
})

test('a path stands for itself if the mounts cannot be read', () => {
  assert.equal(mountPoint('/nonexistent/root', '/srv/bin/true'), '/srv/bin/true')
})
