import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listedNumber, listedSyscall, syscallNumbers } from './syscall-lists.ts'

const isX64 = process.arch === 'x64'

test('names with and without prefix mean the same call', { skip: !isX64 }, () => {
  for (const text of ['sys_lseek', '__x64_sys_lseek', 'x64/sys_lseek', 'x64/__x64_sys_lseek']) {
    assert.equal(listedNumber(listedSyscall(text)), 8n, text)
  }
})

test('calls of 32-bit programs have bit 31 set', { skip: !isX64 }, () => {
  assert.equal(listedNumber(listedSyscall('i386/sys_lseek')), 0x80000013n)
  assert.equal(listedNumber(listedSyscall('__ia32_sys_lseek')), 0x80000013n)
})

test('calls of another machine, and unknown ones, have no number here', { skip: !isX64 }, () => {
  assert.equal(listedNumber(listedSyscall('arm64/sys_lseek')), undefined)
  assert.equal(listedNumber(listedSyscall('sys_nothing')), undefined)
})

test('a list has the numbers of this machine', { skip: !isX64 }, () => {
  const list = { path: 'spec.lists[0]', name: 'calls', type: 'syscalls' } as const
  const values = ['sys_read', 'i386/sys_exit', 'arm64/sys_read']
  assert.deepEqual(syscallNumbers({ ...list, values }), [0n, 0x80000001n])
  const all = syscallNumbers({ ...list, type: 'generated_syscalls', values: [] })
  assert.ok(all.length > 300 && all.includes(8n))
})
