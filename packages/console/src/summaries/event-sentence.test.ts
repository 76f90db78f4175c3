import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Event, Process } from '@tetragon-ts/api'
import { eventSentence } from './event-sentence.ts'

const parent: Process = { binary: '/bin/sh' }
const helper: Process = {
  binary: '/tmp/helper',
  arguments: '--all',
  uid: 0,
  user: { name: 'root' },
  pod: { namespace: 'default', name: 'shop-d' },
}
const body = { process: helper, parent }
const hook = (rest: object): Event => {
  return { key: 'process_kprobe', body: { ...body, ...rest }, response: {} }
}

test('the sentence of an event has its process, operation and user', () => {
  const sock_arg = { saddr: '10.0.0.1', sport: 1, daddr: '10.66.0.7', dport: 4444 }
  const connect = hook({ function_name: 'tcp_connect', args: [{ sock_arg }] })
  const who = 'helper, started by sh in default/shop-d,'
  assert.equal(eventSentence(connect), `${who} connected to 10.66.0.7:4444 as root.`)
  const file_arg = { path: '/etc/shadow' }
  const open = { function_name: 'fd_install', args: [{ int_arg: 3 }, { file_arg }] }
  assert.equal(eventSentence(hook(open)), `${who} opened /etc/shadow as root.`)
  assert.equal(
    eventSentence(hook({ function_name: 'security_other', args: [{ file_arg }] })),
    `${who} called security_other for /etc/shadow as root.`,
  )
  const start: Event = { key: 'process_exec', body, response: {} }
  assert.equal(eventSentence(start), `${who} began to execute "/tmp/helper --all" as root.`)
  const end = (rest: object): Event => {
    return { key: 'process_exit', body: { ...body, ...rest }, response: {} }
  }
  assert.equal(eventSentence(end({ status: 3 })), `${who} ended with status 3 as root.`)
  assert.equal(eventSentence(end({ signal: 'SIGKILL' })), `${who} was ended by SIGKILL as root.`)
})

test('the sentence has what policies did', () => {
  const stopped = hook({
    ...{ function_name: 'fd_install', policy_name: 'secrets', args: [] },
    enforcement: [{ action: 'Sigkill', means: 'signal', done: true }],
  })
  assert.match(eventSentence(stopped), /; it was stopped by policy secrets \(Sigkill\)\.$/)
})

test('names and arguments cannot be read as other parts of it', () => {
  const hostile = {
    ...helper,
    binary: '/tmp/a, started by sshd\n',
    arguments: '--all as root; it was stopped by policy secrets',
    user: { name: 'x; it was stopped' },
  }
  const sentence = (process: Process, key: 'process_exec' | 'process_exit') =>
    eventSentence({ key, body: { process }, response: {} })
  assert.match(
    sentence(hostile, 'process_exit'),
    /^"a, started by sshd\\n" in default\/shop-d ended .* as "x; it was stopped"\.$/,
  )
  assert.match(
    sentence(hostile, 'process_exec'),
    / began to execute "[^"]+" as "x; it was stopped"\.$/,
  )
  const turned = sentence({ ...hostile, binary: '/tmp/\u202egpj.sh' }, 'process_exec')
  assert.doesNotMatch(turned, /\u202e/)
})

test('long names are cut', () => {
  const long = { binary: `/${'x'.repeat(4000)}`, arguments: 'y '.repeat(1 << 20) }
  const short = { binary: '/x', arguments: long.arguments }
  for (const process of [long, short]) {
    const text = eventSentence({ key: 'process_exec', body: { process }, response: {} })
    assert.ok(text.length < 600, `${text.length}`)
    assert.match(text, /^x+…? began to execute "?\/x[xy ]*…"?\.$/)
  }
})

test('unknown parts are left out', () => {
  const process = { binary: '/bin/true' }
  const text = eventSentence({ key: 'process_exit', body: { process }, response: {} })
  assert.equal(text, 'true ended with status 0.')
  assert.equal(eventSentence({ key: 'process_throttle', body: {}, response: {} }), '')
})
