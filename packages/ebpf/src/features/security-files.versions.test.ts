import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { readSecurityFile, securityModules } from './security-files.ts'

/** Securityfs is not mounted there. */
const nowhere = { folder: '/proc/self/no-such-folder', type: 'securityfs' }

test('security modules are known where securityfs is not mounted', () => {
  const mounts = readFileSync('/proc/self/mounts', 'latin1')
  const { names, reason } = securityModules(nowhere)
  assert.equal(reason, '')
  assert.ok(names.includes('capability'), names.join())
  assert.deepEqual(securityModules(), { names, reason })
  assert.equal(readFileSync('/proc/self/mounts', 'latin1'), mounts)
  assert.equal(readSecurityFile('no-such-file', nowhere), undefined)
})

test('without a file system to open they are unknown, with the reason', () => {
  const { names, reason } = securityModules({ ...nowhere, type: 'no-such-file-system' })
  assert.deepEqual(names, [])
  assert.match(reason, /no-such-folder\/lsm cannot be read; open file system no-such-.*ENODEV/)
})
