import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { argumentText } from '../lines/argument-text.ts'
import type { KprobeArgument as Argument } from '../messages/kprobe-argument.ts'
import { KprobeArgument } from '../messages/kprobe-argument.ts'
import { arbitraryMessage } from '../testing/arbitrary-message.ts'
import { parseEvent } from '../testing/index.ts'
import { compactPrinter } from './compact-printer.ts'
import { compactLabel } from './event-lines.ts'

const process = { binary: '/usr/bin/cat', pod: { namespace: 'ns', name: 'p' } }
const at = 'ns/p /usr/bin/cat'
const print = compactPrinter({ details: true })

function eventOf(value: object) {
  const parsed = parseEvent(JSON.stringify(value))
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.reason)
  return parsed.event
}
const call = (function_name: string, ...args: Argument[]) =>
  print(eventOf({ process_kprobe: { process, function_name, args } })).trimEnd()

const file = { file_arg: { path: '/etc/shadow', permission: '-rw-r-----' } }

test('functions of our policies have their arguments', () => {
  assert.equal(call('security_file_open', file), `📬 security_file_open ${at} /etc/shadow`)
  const program = { linux_binprm_arg: { path: '/tmp/x' } }
  assert.equal(call('security_bprm_check', program), `🚀 security_bprm_check ${at} /tmp/x`)
  const ids = [{ int_arg: 0 }, { uint_arg: 1 }, { int_arg: -1 }]
  assert.equal(call('__ia32_sys_setresuid16', ...ids), `🔑 setresuid16 ${at} 0 1 -1`)
  const mount = ['/dev/sda', 'ext4'].map((string_arg) => ({ string_arg }))
  const path = { path_arg: { path: '/mnt' } }
  assert.equal(
    call('security_sb_mount', mount[0], path, mount[1]),
    `💾 security_sb_mount ${at} /dev/sda /mnt ext4`,
  )
  assert.equal(call('__x64_sys_delete_module', { string_arg: 'x' }), `🧩 delete_module ${at} x`)
  const address = {
    sockaddr_arg: { family: 'AF_INET', addr: '10.0.0.2', port: 80, names: ['a.b'] },
  }
  assert.equal(
    call('security_socket_connect', address),
    `🔌 security_socket_connect ${at} 10.0.0.2:80 (a.b)`,
  )
  assert.equal(call('any_other', { string_arg: '' }, { size_arg: '7' }), `❓ any_other ${at} 7`)
})

test('lines of Tetragon are the same with details, and the label is that of the line', () => {
  const size = { size_arg: '4096' }
  assert.equal(call('sys_read', file, {}, size), `📚 read    ${at} /etc/shadow 4096 bytes`)
  const open = { process_kprobe: { process, function_name: 'security_file_open', args: [file] } }
  assert.equal(compactLabel(eventOf(open), true), '📬 security_file_open')
  assert.equal(compactLabel(eventOf(open)), '❓ syscall')
})

test('hooks of other kinds have their arguments', () => {
  const lsm = { process_lsm: { process, function_name: 'file_open', args: [file] } }
  assert.equal(print(eventOf(lsm)), `🔒 LSM     ${at} file_open /etc/shadow\n`)
  const args = [{ bytes_arg: btoa('GET /\r\n') }, { capability_arg: { name: 'CAP_BPF' } }]
  const uprobe = { process_uprobe: { process, path: '/a', symbol: 'f', args } }
  assert.equal(print(eventOf(uprobe)), `🕵\ufe0f uprobe  ${at} /a f GET /\\r\\n CAP_BPF\n`)
  const point = { process_tracepoint: { process, subsys: 's', event: 'e', args: [file] } }
  assert.equal(print(eventOf(point)), `⁉\ufe0f tracepoint ${at} s e /etc/shadow\n`)
  const usdt = { process_usdt: { process, path: '/a', provider: 'p', name: 'n', args: [file] } }
  assert.equal(print(eventOf(usdt)), `🕵\ufe0f usdt    ${at} /a p n /etc/shadow\n`)
})

test('long arguments are cut', () => {
  const long = 'x'.repeat(4096)
  assert.equal(call('f', { string_arg: long }), `❓ f       ${at} ${'x'.repeat(500)}…`)
})

test('every argument has a text', () => {
  const credentials = { uid: 0, caps: { effective: ['CAP_KILL', 'CAP_BPF'] } }
  const text = argumentText({ process_credentials_arg: credentials, label: 'new' } as Argument)
  assert.equal(text, 'uid=0 caps=effective=CAP_KILL,CAP_BPF')
  assert.equal(argumentText({ label: 'none' }), '')
  fc.assert(
    fc.property(arbitraryMessage(KprobeArgument), (arg) => {
      assert.equal(typeof argumentText(arg as Argument), 'string')
    }),
  )
})

test('no function of the policy library is a question mark', () => {
  const folder = fileURLToPath(new URL('../../../../policies/', import.meta.url))
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    return name.endsWith('.yaml') && !name.startsWith('tests')
  })
  const functions = files.flatMap((name) => {
    const text = readFileSync(folder + name, 'utf8')
    return [...text.matchAll(/^ *- call: "?(\w+)/gm)].map(([, name]) => name)
  })
  assert.ok(functions.length > 40)
  // Those with a line of Tetragon's need its argument.
  const path = { path_arg: { path: '/x' } }
  const calls = (name: string) => [call(name), call(name, file), call(name, path)]
  const unknown = functions.filter((name) => calls(name).every((line) => line.startsWith('❓')))
  assert.deepEqual(unknown, [])
})
