import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codecOf, GetEventsResponse } from '@tetragon-ts/api'
import { compileExpression } from '../store/compile-expression.ts'
import { EventStore } from '../store/event-store.ts'
import { compileFilter } from '../store/filter.ts'
import { describeEvent } from './describe-event.ts'

const codec = codecOf(GetEventsResponse)
const container = {
  id: 'containerd://c75d7e3b',
  name: 'spaceship',
  image: { id: 'docker.io/tgraf/netperf@sha256:8e86', name: 'docker.io/tgraf/netperf:latest' },
}
const process = {
  exec_id: 'a',
  pid: 7,
  uid: 33,
  binary: '/usr/bin/cat',
  arguments: '-n shadow',
  user: { name: 'www-data' },
  pod: { namespace: 'default', name: 'xwing', workload: 'fighters', container },
}
const open: GetEventsResponse = {
  process_kprobe: {
    process,
    function_name: 'security_file_open',
    policy_name: 'sensitive-reads',
    message: 'Sensitive file',
    tags: ['observability.filesystem'],
    args: [{ file_arg: { path: '/etc/shadow' } }, { int_arg: 32768 }],
    return: { int_arg: -13 },
  },
  node_name: 'node-1',
}

/** Whether a filter shows an event among the kept ones. */
function shows(response: GetEventsResponse, filter: string): boolean {
  const store = new EventStore(10, 1e9)
  const { event: _, ...described } = describeEvent(codec.encode(response), 0)
  store.add(described)
  store.filter(compileFilter(filter))
  assert.ok(store.filterUntil(() => false))
  return store.shown === 1
}

test('words find an event by all that people know about it', () => {
  for (const word of [
    ...['/etc/shadow', 'ETC/shadow', 'security_file_open', '32768', '"-13"'],
    ...['"sensitive file"', 'observability.filesystem', 'sensitive-reads'],
    ...['xwing', 'default/xwing', 'fighters', 'spaceship', 'c75d7e3b', 'netperf:latest', '8e86'],
    ...['www-data', '"uid 33"', '"-n shadow"', 'node-1', '/usr/bin/cat'],
    '/etc/shadow spaceship sensitive www-data',
  ]) {
    assert.ok(shows(open, word), word)
    // A term that must not hold hides it.
    if (!word.includes(' ')) assert.ok(!shows(open, `-${word}`), word)
  }
  for (const word of ['/etc/passwd', '"shadow sensitive"', 'spaceships']) {
    assert.ok(!shows(open, word), word)
  }
})

test('words find the opens that an expression finds, of all kinds of hooks', async () => {
  const args = [{ file_arg: { path: '/etc/shadow' } }]
  const others: readonly [GetEventsResponse, string][] = [
    [open, 'process_kprobe'],
    [{ process_lsm: { process, function_name: 'file_open', args } }, 'process_lsm'],
    [{ process_tracepoint: { process, subsys: 's', event: 'e', args } }, 'process_tracepoint'],
    [{ process_uprobe: { process, path: '/a', symbol: 'f', args } }, 'process_uprobe'],
    [{ process_usdt: { process, path: '/a', provider: 'p', name: 'n', args } }, 'process_usdt'],
  ]
  for (const [response, kind] of others) {
    const { match } = await compileExpression(`cel: ${kind}.args[0].file_arg.path == "/etc/shadow"`)
    const bytes = codec.encode(response)
    assert.ok(match?.({ has: () => false, fields: {}, bytes }), kind)
    assert.ok(shows(response, '/etc/shadow'), kind)
    assert.match(describeEvent(bytes, 0).line, / \/etc\/shadow/, kind)
  }
})

test('words find what the line of a function omits or cuts', () => {
  const long = `${'x'.repeat(1000)}needle`
  const hook = (function_name: string, ...args: object[]) =>
    ({ process_kprobe: { process, function_name, args } }) as GetEventsResponse
  assert.ok(shows(hook('f', { string_arg: long }), 'needle'))
  assert.ok(shows(hook('sys_setns', { int_arg: 4711 }, { int_arg: 0 }), '4711'))
  const buffer = { bytes_arg: btoa('POST /login HTTP/1.1\r\nHost: example.com') }
  assert.ok(shows(hook('sys_write', {}, buffer), '"host: example.com"'))
  const address = { sockaddr_arg: { addr: '10.0.0.7', port: 443 } }
  assert.ok(shows(hook('security_socket_connect', address), '10.0.0.7:443'))
})
