import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { ApiClient } from './api-client.ts'

/** Runs work with a client of a server. */
async function withServer(answer: RequestListener, work: (client: ApiClient) => Promise<void>) {
  const server = createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/prefix/`)
  try {
    await work(new ApiClient({ url, tls: () => ({}), authorization: () => 'Bearer t' }))
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const { signal } = new AbortController()

describe('the client of the API', () => {
  it('asks for the metadata of objects only, if that is enough', async () => {
    const seen: (string | undefined)[] = []
    await withServer(
      ({ headers }, response) => {
        seen.push(headers.accept)
        response.end('{}\n')
      },
      async (client) => {
        for (const each of [client, client.withMetadataOnly()]) {
          await each.get('/a', signal)
          for await (const line of each.lines('/a?watch=1', signal, 1000)) assert.equal(line, '{}')
        }
        await client.getMetadata('/a', signal)
      },
    )
    const partial = (kind: string) => `application/json;as=${kind};g=meta.k8s.io;v=v1`
    assert.deepEqual(seen, [
      ...['application/json', 'application/json'],
      partial('PartialObjectMetadataList'),
      ...[partial('PartialObjectMetadata'), partial('PartialObjectMetadata')],
    ])
  })

  it('creates and replaces objects, over the same connection', async () => {
    const seen: string[] = []
    const ports = new Set<number | undefined>()
    await withServer(
      async (request, response) => {
        let body = ''
        for await (const piece of request.setEncoding('utf8')) body += piece
        const { method, url, headers } = request
        seen.push(`${method} ${url} ${headers.authorization} ${headers['content-type']} ${body}`)
        ports.add(request.socket.remotePort)
        response.writeHead(method === 'POST' ? 201 : 200).end('{"is":"stored"}')
      },
      async (client) => {
        assert.deepEqual(await client.create('/a', { x: 'ä' }, signal), { is: 'stored' })
        assert.deepEqual(await client.update('/a/b?c', { y: 1 }, signal), { is: 'stored' })
      },
    )
    assert.deepEqual(seen, [
      'POST /prefix/a Bearer t application/json {"x":"ä"}',
      'PUT /prefix/a/b?c Bearer t application/json {"y":1}',
    ])
    assert.equal(ports.size, 1)
  })

  it('has errors with the status and the message of the server', async () => {
    await withServer(
      (_, response) => response.writeHead(409).end('{"message":"it exists"}'),
      async (client) => {
        const expected = { status: 409, message: '409 "it exists"' }
        await assert.rejects(client.create('/a', {}, signal), expected)
      },
    )
  })

  it('has errors for responses that are no JSON, and ends with the signal', async () => {
    const end = new AbortController()
    await withServer(
      (request, response) => {
        if (request.url?.endsWith('/html')) response.end('<html>')
        else end.abort()
      },
      async (client) => {
        await assert.rejects(client.get('/html', signal), SyntaxError)
        await assert.rejects(client.get('/silent', end.signal), { name: 'AbortError' })
      },
    )
  })
})
