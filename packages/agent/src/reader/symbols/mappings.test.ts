import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Mappings } from './mappings.ts'

const text = `55d0c0000000-55d0c0002000 r--p 00000000 fd:00 12 /usr/bin/cat
55d0c0002000-55d0c0006000 r-xp 00002000 fd:00 12 /usr/bin/cat (deleted)
7ffc11000000-7ffc11021000 rw-p 00000000 00:00 0 [stack]
7ffc12000000-7ffc12001000 r-xp 00000000 00:00 0\u0020
7ffc12001000-7ffc12002000 r-xp 00000000 00:00 0 /partial`

test('an address belongs to the mapping that contains it', () => {
  const mappings = new Mappings(text)
  const device = 'fd:00'
  const code = { start: 0x55d0c0002000, end: 0x55d0c0006000, offset: 0x2000, device, inode: '12' }
  const path = '/usr/bin/cat (deleted)'
  assert.deepEqual(mappings.find(0x55d0c0002010), { ...code, path })
  assert.deepEqual(mappings.find(0x55d0c0005fff), { ...code, path })
  assert.equal(mappings.find(0x7ffc12000004)?.path, '')
  assert.equal(mappings.find(0x55d0c0006000), undefined)
  assert.equal(mappings.find(0x7ffc12001000), undefined)
  assert.equal(mappings.find(0), undefined)
  assert.equal(mappings.find(2 ** 52), undefined)
})

test('a path does not add mappings', () => {
  for (const end of ['\r', '\u2028', '\u2029', '\v']) {
    const path = `/a${end}1000-2000 r-xp 00000000 fd:00 5 /bin/b`
    const mappings = new Mappings(`5000-6000 r-xp 00000000 fd:00 12 ${path}\n`)
    assert.equal(mappings.find(0x1000), undefined)
    assert.equal(mappings.find(0x5000)?.path, path)
  }
})
