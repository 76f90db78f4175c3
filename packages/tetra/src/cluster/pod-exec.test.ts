import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { PodExec } from './pod-exec.ts'

const command = { namespace: 'n', pod: 'p', container: 'c', command: ['x'] }
/** Of RFC 6455. */
const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** Messages of channels, each shorter than 126 bytes, and the end of the connection. */
function frames(...messages: readonly (readonly [channel: number, content: string])[]): Buffer {
  const binary = messages.map(([channel, content]) => {
    const data = Buffer.concat([Buffer.of(channel), Buffer.from(content)])
    return Buffer.concat([Buffer.of(0x82, data.length), data])
  })
  return Buffer.concat([...binary, Buffer.of(0x88, 0)])
}

/** Starts a command at a server that responds with the frames in the packet of the handshake. */
async function execWith(response: Buffer): Promise<{ out: string; failure: string | undefined }> {
  const server = createServer().on('upgrade', ({ headers }, socket) => {
    const accept = createHash('sha1').update(`${headers['sec-websocket-key']}${guid}`)
    const head = [
      'HTTP/1.1 101 Switching Protocols',
      ...['Upgrade: websocket', 'Connection: Upgrade'],
      `Sec-WebSocket-Accept: ${accept.digest('base64')}`,
      'Sec-WebSocket-Protocol: v4.channel.k8s.io',
    ]
    socket.on('error', () => {})
    socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), response]))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const address = { url, tls: () => ({}), authorization: () => undefined }
  const exec = await PodExec.open(address, command, 20_000, new AbortController().signal)
  let out = ''
  try {
    for await (const piece of exec) out += piece
  } catch {
    // It is in `failure`.
  } finally {
    exec.destroy()
    server.close()
  }
  return { out, failure: exec.failure?.message }
}

describe('a command in a pod', () => {
  it('has the output that arrives with the handshake', async () => {
    const response = frames([1, 'a'], [1, 'b'], [3, '{"status":"Success"}'])
    assert.deepEqual(await execWith(response), { out: 'ab', failure: undefined })
  })

  it('fails with the end of its standard error, or with its status', async () => {
    const causes = [{ reason: 'ExitCode', message: '7' }]
    const status = JSON.stringify({ status: 'Failure', details: { causes } })
    const failures = [
      frames([2, 'no '], [2, 'agent\n'], [3, status]),
      frames([3, status]),
      frames([3, '{"status":"Failure"}']),
      frames([3, '{']),
      frames(),
    ].map(async (response) => (await execWith(response)).failure)
    assert.deepEqual(await Promise.all(failures), [
      'no agent',
      'exit code 7',
      'the command failed',
      'the command ended with an invalid status',
      'the connection was closed',
    ])
  })
})
