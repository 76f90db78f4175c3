import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Event, KprobeArgument } from '@tetragon-ts/api'
import { addressText, fileText } from './object-text.ts'

const hook = (...args: readonly KprobeArgument[]): Event => {
  const body = { function_name: 'hook', args: [...args] }
  return { key: 'process_kprobe', body, response: { process_kprobe: body } }
}

test('the file of an operation is that of an argument, or both of them', () => {
  const secret = { file_arg: { path: '/etc/shadow' } }
  assert.equal(fileText(hook({ int_arg: 1 }, secret)), '/etc/shadow')
  assert.equal(fileText(hook({ linux_binprm_arg: { path: '/bin/sh' } })), '/bin/sh')
  assert.equal(
    fileText(hook({ path_arg: { path: '/a' } }, { path_arg: { path: '/b' } })),
    '/a → /b',
  )
  assert.equal(fileText(hook({ string_arg: '/not/resolved' })), '')
})

test('a loaded library is a file', () => {
  const body = { path: '/lib/libc.so.6' }
  assert.equal(fileText({ key: 'process_loader', body, response: {} }), '/lib/libc.so.6')
})

test('the address of an operation is the other end', () => {
  const sock = (daddr: string, dport: number) =>
    hook({ sock_arg: { saddr: '10.0.0.1', daddr, dport } })
  assert.equal(addressText(sock('10.66.0.7', 4444)), '10.66.0.7:4444')
  assert.equal(addressText(sock('fd00::1', 443)), '[fd00::1]:443')
  assert.equal(
    addressText(hook({ sockaddr_arg: { addr: '127.0.0.53', port: 53 } })),
    '127.0.0.53:53',
  )
  assert.equal(addressText(hook({ sockaddrun_arg: { path: '/run/x.sock' } })), '/run/x.sock')
  // A socket that listens has no other end.
  for (const none of ['0.0.0.0', '::', '']) assert.equal(addressText(sock(none, 0)), '')
})
