import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { KernelSymbols } from './kernel-symbols.ts'

it('functions of modules are known while the module is loaded', async (t) => {
  const module = process.env.TETRAGON_TEST_MODULE
  if (module === undefined) return t.skip('TETRAGON_TEST_MODULE is not set: no module to load')
  const symbols = new KernelSymbols()
  const before = symbols.names.size
  assert.equal(symbols.has('dummy_xmit'), false)
  const busybox = (...args: string[]) => spawnSync('/bin/busybox', args).status
  assert.equal(busybox('insmod', module), 0)
  try {
    await turn()
    assert.equal(symbols.has('dummy_xmit'), true)
    assert.equal(symbols.has('vfs_read'), true)
  } finally {
    assert.equal(busybox('rmmod', 'dummy'), 0)
  }
  await turn()
  assert.equal(symbols.names.size, before)
})
