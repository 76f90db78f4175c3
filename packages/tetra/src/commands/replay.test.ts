import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { runTetra } from '../testing/run-tetra.ts'
import { StartedTetra } from '../testing/started-tetra.ts'

const folder = mkdtempSync(join(tmpdir(), 'replay-'))
after(() => rmSync(folder, { recursive: true }))

const start = Date.parse('2026-01-02T03:04:05.000Z')
const line = (ms: number, binary = `/bin/${ms}`): string =>
  `${JSON.stringify({
    process_exec: { process: { pid: 100 + ms, binary, start_time: new Date(start).toISOString() } },
    node_name: 'n',
    time: new Date(start + ms).toISOString(),
  })}\n`
function file(name: string, content: string | Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
const newer = file('newer.log', line(20) + line(30))
const older = file('older.log.gz', gzipSync(line(0) + line(25)))
const inOrder = [0, 20, 25, 30].map((ms) => line(ms)).join('')
const max = ['replay', '--speed', 'max']

describe('tetra replay', () => {
  it('prints the events of all files in order of time, as they are', async () => {
    const { out, err, code } = await runTetra([...max, newer, older])
    assert.equal(out, inOrder)
    assert.match(err, /^tetra: replayed 4 events in \d+\.\d s \([\d,]+\/s\)\n$/)
    assert.equal(code, 0)
  })

  it('prints no event before it is due', async () => {
    const began = performance.now()
    const { out } = await runTetra(['replay', '--speed', '0.1', newer])
    assert.equal(out, line(20) + line(30))
    assert.ok(performance.now() - began >= 99)
  })

  it('skips what is no event, and says so', async () => {
    const hostile = `${line(1)}{"process_exec":{"a":\u0000}}\n{"nothing":{}}\n[]\n\n${line(2)}{"process_ex`
    const path = file('broken.log', hostile)
    const { out, err, code } = await runTetra([...max, path])
    assert.equal(out, line(1) + line(2))
    assert.match(err, /skipped 3 broken lines .*broken\.log, line 2: .*, cut off: 1 file /)
    assert.equal(code, 0)
  })

  it('serves each client all events that it asks for, with its filters', async () => {
    const address = `unix://${join(folder, 'socket')}`
    const server = new StartedTetra([...max, '--to', address, newer, older])
    await server.until('the server', () => server.err.includes('serves recorded events'))
    assert.equal(statSync(join(folder, 'socket')).mode & 0o777, 0o600)
    const getevents = ['getevents', '--server-address', address]
    const all = await runTetra(getevents)
    assert.deepEqual(all.out.trim().split('\n').map(binaryOf), [
      '/bin/0',
      '/bin/20',
      '/bin/25',
      '/bin/30',
    ])
    const some = await runTetra([...getevents, '--process', '2[05]$'])
    assert.deepEqual(some.out.trim().split('\n').map(binaryOf), ['/bin/20', '/bin/25'])
    assert.match(server.err, /replayed 4 events/)
    assert.match(server.err, /replayed 2 events/)
    assert.equal(await server.interrupt(), 0)
  })

  it('ends with a client that neither reads nor leaves', async () => {
    const many = file('many.log', line(1, '/x'.repeat(2000)).repeat(2000))
    const address = join(folder, 'stalled')
    const server = new StartedTetra([...max, '--to', `unix://${address}`, many])
    await server.until('the server', () => server.err.includes('serves recorded events'))
    const client = connect(address)
    await once(client, 'connect')
    client.pause()
    assert.equal(await server.interrupt(), 0)
    client.destroy()
  })

  it('sends all events to an output, which may answer slowly', async () => {
    const bodies: string[] = []
    const receiver = createServer(async (request, response) => {
      bodies.push(await text(request))
      response.writeHead(bodies.length === 1 ? 503 : 204, { 'retry-after': '0' }).end()
    })
    receiver.listen(0, '127.0.0.1')
    await once(receiver, 'listening')
    const { port } = receiver.address() as AddressInfo
    const to = `test=http://127.0.0.1:${port}/?format=json-lines`
    const { err, code } = await runTetra([...max, '--to', to, newer, older])
    receiver.close()
    assert.match(err, /replayed 4 events .*: 4 sent, 0 refused, 4 retried, 0 not sent/)
    assert.equal(bodies.slice(1).join(''), inOrder)
    assert.equal(code, 0)
  })

  it('explains what is wrong with its arguments', async () => {
    const cases = [
      [['replay'], 2, /FILE is missing/],
      [[...max, join(folder, 'nowhere')], 1, /read .*nowhere: ENOENT/],
      [
        ['replay', '--speed', '0', newer],
        2,
        /invalid factor "0" \(expected a number above 0, or max\)/,
      ],
      [[...max, '--to', '0.0.0.0:5', newer], 2, /served to this machine only/],
      [[...max, '--to', 'unix:x', newer], 2, /must be absolute/],
      [[...max, '--to', 'a=sylog+tcp://h', newer], 2, /unknown scheme "sylog\+tcp".*did you mean/],
      [
        [...max, '--to', 'a=http://127.0.0.1:9?format=json-lines&spool=16M', newer],
        2,
        /only an agent keeps/,
      ],
      [[...max, '--to', `unix://${newer}`, newer], 1, /newer\.log is not a socket/],
    ] as const
    for (const [argv, expected, pattern] of cases) {
      const { out, err, code } = await runTetra(argv)
      assert.deepEqual([out, code], ['', expected], err)
      assert.match(err, pattern)
    }
  })
})

function binaryOf(text: string): string {
  return JSON.parse(text).process_exec.process.binary
}
