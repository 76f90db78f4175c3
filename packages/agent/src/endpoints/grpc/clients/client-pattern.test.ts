import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BadValue } from '@tetragon-ts/service/options'
import { type Client, describeClient } from './client.ts'
import { matchesClient, parseClientPattern } from './client-pattern.ts'

const user: Client = { kind: 'socket', uid: 1000, gid: 100, groups: [4, 27], pid: 42 }
const holder: Client = {
  kind: 'certificate',
  commonName: 'ops',
  organizations: ['a', 'b'],
  serial: '01',
  address: '10.0.0.1:5',
}
const stranger: Client = { kind: 'anonymous', address: '127.0.0.1:5' }

describe('patterns of clients', () => {
  for (const [text, matched] of [
    ['socket', [user]],
    ['certificate', [holder]],
    ['anonymous', [stranger]],
    ['uid=1000', [user]],
    ['uid=100', []],
    ['gid=100', [user]],
    ['gid=27', [user]],
    ['gid=1000', []],
    ['cn=ops', [holder]],
    ['cn=Ops', []],
    ['cn=ops ', []],
    ['o=b', [holder]],
    ['o=ops', []],
  ] as const) {
    it(`${text} names ${matched.map(describeClient).join(' and ') || 'none of them'}`, () => {
      const pattern = parseClientPattern(text)
      const found = [user, holder, stranger].filter((client) => matchesClient(pattern, client))
      assert.deepEqual(found, matched)
    })
  }

  it('that cannot be read are refused, and name none by accident', () => {
    for (const text of [
      ...[
        '',
        'root',
        'uid=',
        'uid=root',
        'uid=-1',
        'uid=4294967295',
        'uid=1e3',
        'uid= 0',
        'uid=0x0',
      ],
      ...['gid=', 'cn=', 'o=', 'CN=ops', 'Socket', 'socket '],
    ]) {
      assert.throws(() => parseClientPattern(text), BadValue, text)
    }
  })
})
