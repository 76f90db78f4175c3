import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasFuseOn, mayWait, mayWaitAt, parseMounts } from './waiting-mounts.ts'

const root = '21 1 254:0 / / rw,relatime - ext4 /dev/root rw\n'
const fuseAt = (point: string): string =>
  `30 21 0:99 / ${point} rw,nosuid shared:1 - fuse.sshfs host rw,user_id=1000\n`

test('FUSE on the way to a file is found', () => {
  const mounts = parseMounts(root + fuseAt('/a\\040b'))
  assert.deepEqual(
    mounts.map(({ device }) => device),
    ['fe:00', '00:63'],
  )
  assert.ok(hasFuseOn(mounts, '/a b/c'))
  assert.ok(hasFuseOn(mounts, '/a b'))
  assert.ok(!hasFuseOn(mounts, '/a bc'))
  assert.ok(!hasFuseOn(mounts, '/'))
  assert.ok(hasFuseOn(parseMounts(root + fuseAt('/')), '/c'))
})

test('names of folders hide nothing', () => {
  for (const end of ['\r', '\u2028', '\v', '\u0085']) {
    const mounts = parseMounts(root + fuseAt(`/a${end}`))
    assert.ok(hasFuseOn(mounts, `/a${end}/b`))
  }
})

test('a process whose mount of the root is unknown may wait', () => {
  assert.ok(hasFuseOn([], '/a'))
  assert.ok(hasFuseOn(parseMounts(root.replace(' / / ', ' / /a ')), '/b'))
  assert.ok(mayWaitAt('/proc', 2 ** 30, '/a'))
})

test('a device that has no mount may wait', () => {
  assert.ok(mayWait('/proc', process.pid, '00:fffff'))
  assert.ok(!mayWait('/proc', process.pid, '00:01'))
  assert.ok(!mayWait('/proc', process.pid, 'fe:00'))
})
