import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type HookEvent, isPart, PolicyRun } from '@tetragon-ts/agent/testing'
import { ownWorkload } from '../../workloads/index.ts'
import { kernelAddress } from './kernel-address.ts'
import { libraryPolicy } from './library.ts'

const lookups = (program: string): string => `
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: lookups}
spec:
  uprobes:
  - path: ${program}
    symbols: [finds]
    args:
    - {index: 0, type: string}
    - {index: 2, type: addrinfo, returnCopy: true}
`

const connections = `
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: connections}
spec:
  kprobes:
  - {call: tcp_connect, syscall: false, args: [{index: 0, type: sock}]}
  - {call: security_socket_connect, syscall: false, args: [{index: 1, type: sockaddr}]}
`

/** An address that no process has mapped, and one of the kernel. */
const unmapped = '0x10'
const inKernel = kernelAddress()
/** Maximum number of addresses in a value. */
const addressesMax = 32

describe('lookups of names', () => {
  let run: PolicyRun
  let program: string
  before(async () => {
    run = await PolicyRun.start()
    program = await ownWorkload('lookups', run.folder)
    await run.loadAttached(lookups(program))
    await run.loadAttached(connections)
  })
  after(() => run?.stop())

  const eventsOf = async (...words: string[]): Promise<readonly HookEvent[]> =>
    run.finish(run.spawn(program, words))

  /** The value of the results in each event of a lookup. */
  const resultsOf = async (...words: string[]) =>
    (await eventsOf(...words)).flatMap(({ key, args }) => {
      const [, { addrinfo_arg, error_arg } = {}] = args
      return key === 'process_uprobe' ? [addrinfo_arg ?? error_arg] : []
    })

  /** Addresses of connections with their names, each as `ADDRESS NAME...`. */
  const namesIn = (events: readonly HookEvent[]): string[] =>
    events.flatMap(({ args: [{ sockaddr_arg }] }) => {
      const { addr, names = [] } = sockaddr_arg ?? {}
      return addr === undefined ? [] : [[addr, ...names].join(' ')]
    })

  it('show the addresses once, in their order', async () => {
    const three = [
      '10.1.2.3',
      '10.1.2.3',
      '10.1.2.3',
      '2001:db8::7',
      'other',
      '10.1.2.4',
      '10.1.2.3',
    ]
    assert.deepEqual(await resultsOf('list', 'a', ...three, '--', 'empty', 'b'), [
      { addresses: ['10.1.2.3', '2001:db8::7', '10.1.2.4'] },
      {},
    ])
  })

  it('show nothing after a failure, whatever the list is', async () => {
    assert.deepEqual(await resultsOf('fails', 'a', '10.1.2.3'), [{}])
  })

  it('mark lists that are too long or have no end', async () => {
    const [whole, long, endless, itself] = await resultsOf(
      ...['many', 'a', `${addressesMax}`, '--', 'many', 'a', `${addressesMax + 1}`, '--'],
      ...['endless', 'a', '10.1.2.3', '10.1.2.4', '--', 'itself', 'a', '10.1.2.3'],
    )
    const all = Array.from({ length: addressesMax }, (_, i) => `10.9.8.${i}`)
    assert.deepEqual(whole, { addresses: all })
    assert.deepEqual(long, { addresses: all, incomplete: true })
    assert.deepEqual(endless, { addresses: ['10.1.2.3', '10.1.2.4'], incomplete: true })
    assert.deepEqual(itself, { addresses: ['10.1.2.3'], incomplete: true })
  })

  it('mark what cannot be read, and show nothing of the kernel', async () => {
    for (const bad of [unmapped, inKernel]) {
      const shown = await resultsOf(
        ...[
          'bad-next',
          'a',
          bad,
          '10.1.2.3',
          '--',
          'bad-address',
          'a',
          bad,
          '10.1.2.3',
          '10.1.2.4',
        ],
        ...['--', 'bad-list', 'a', bad, '--', 'bad-pointer', 'a', unmapped],
      )
      assert.deepEqual(shown, [
        { addresses: ['10.1.2.3'], incomplete: true },
        { addresses: ['10.1.2.3'], incomplete: true },
        { incomplete: true },
        { Message: 'Bad address for basic type' },
      ])
    }
    const [absent] = await resultsOf('absent', 'a', '10.1.2.3', '10.1.2.4')
    assert.deepEqual(absent, { addresses: ['10.1.2.3'], incomplete: true })
  })

  it('give connections their names, latest first', async () => {
    const events = await eventsOf(
      ...['connect', '127.0.0.1', '9', '--', 'list', 'a.example', '127.0.0.1', '127.0.0.2'],
      ...['--', 'list', 'b.example', '127.0.0.1', '--', 'connect', '127.0.0.1', '9'],
      ...['--', 'connect', '127.0.0.2', '9', '--', 'connect', '127.0.0.3', '9'],
      ...['--', 'connect', '::ffff:127.0.0.1', '9', '--', 'fails', 'c.example', '127.0.0.3'],
      ...['--', 'connect', '127.0.0.3', '9'],
    )
    assert.deepEqual(namesIn(events), [
      '127.0.0.1',
      ...['127.0.0.1 b.example a.example', '127.0.0.2 a.example', '127.0.0.3'],
      ...['::ffff:127.0.0.1 b.example a.example', '127.0.0.3'],
    ])
    const socks = events.flatMap(({ args: [{ sock_arg }] }) => sock_arg ?? [])
    const ofSocks = socks.map(({ daddr, destination_names: names }) => [daddr, names])
    assert.deepEqual(ofSocks.slice(0, 3), [
      ['127.0.0.1', undefined],
      ['127.0.0.1', ['b.example', 'a.example']],
      ['127.0.0.2', ['a.example']],
    ])
    const lines = events.map(({ compact }) => compact)
    assert.match(lines.join('\n'), /-> 127\.0\.0\.2:9 \(a\.example\)$/m)
    assert.match(lines.join('\n'), /security_socket_connect 127\.0\.0\.2:9 \(a\.example\)$/m)
  })

  it('are those of the process: of its threads and later children, not of a new program', async () => {
    const connect = ['connect', '127.0.0.1', '9']
    const list = ['list', 'a.example', '127.0.0.1']
    const run = async (...words: string[]) => namesIn(await eventsOf(...words))
    const named = '127.0.0.1 a.example'
    assert.deepEqual(await run('thread', ...list, '--', ...connect), [named])
    assert.deepEqual(await run(...list, '--', 'thread', ...connect), [named])
    assert.deepEqual(await run(...list, '--', 'fork', ...connect), [named])
    assert.deepEqual(await run('fork', ...list, '--', ...connect), ['127.0.0.1'])
    assert.deepEqual(await run(...list, '--', 'exec', ...connect), ['127.0.0.1'])
    assert.deepEqual(await run('orphan', 'a.example', '127.0.0.1', '9'), [named])
    assert.deepEqual(await run(...connect), ['127.0.0.1'])
  })

  it('are forgotten with the last policy that reports them', async (t) => {
    if (isPart) return t.skip('it is the same on all kernels: tested on the host')
    const other = await PolicyRun.start()
    try {
      const policy = await other.loadAttached(lookups(program))
      const words = [
        'list',
        'a.example',
        '127.0.0.1',
        '--',
        'wait',
        '--',
        'connect',
        '127.0.0.1',
        '9',
      ]
      const started = other.spawn(program, words)
      while (!other.events.some(({ key }) => key === 'process_uprobe')) {
        await sleep(4)
      }
      await other.unload(policy)
      // The reader has removed the other policy before it adds this one.
      await other.loadAttached(connections)
      started.child.stdin?.end()
      assert.deepEqual(namesIn(await other.finish(started)), ['127.0.0.1'])
    } finally {
      await other.stop()
    }
  })
})

describe('the policy of the library for lookups', () => {
  let run: PolicyRun
  let server: Server
  before(async () => {
    run = await PolicyRun.start()
    server = createServer((socket) => socket.end())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    await run.loadAttached(libraryPolicy('name-lookups.yaml'))
    await run.loadAttached(connections)
  })
  after(async () => {
    server?.close()
    await run?.stop()
  })

  it('names the connections of a program with the resolver of the C library', async () => {
    const hosts = join(run.folder, 'hosts')
    writeFileSync(hosts, '127.0.0.1 shop.example\n')
    const { port } = server.address() as AddressInfo
    const code = `import socket; socket.create_connection(("shop.example", ${port}))`
    const script = `mount --bind ${hosts} /etc/hosts && exec /usr/bin/python3 -E -c '${code}'`
    const started = run.spawn('unshare', ['-m', 'sh', '-c', script])
    const events = await run.finish(started)
    assert.equal(await started.ended, 0, started.output)
    const lookup = events.find(({ body }) => body.symbol === 'getaddrinfo')
    assert.deepEqual(lookup?.args, [
      { string_arg: 'shop.example', label: 'name' },
      { string_arg: `${port}`, label: 'service' },
      { addrinfo_arg: { addresses: ['127.0.0.1'] }, label: 'addresses' },
      { int_arg: 0 },
    ])
    const connected = events.find(({ args: [{ sock_arg }] }) => sock_arg?.dport === port)
    assert.deepEqual(connected?.args[0].sock_arg?.destination_names, ['shop.example'])
    assert.match(connected?.compact ?? '', /-> 127\.0\.0\.1:\d+ \(shop\.example\)$/)
  })
})
