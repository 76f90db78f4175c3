import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { UserRequest } from '@tetragon-ts/compiler/hooks'
import { UserRequests } from './user-requests.ts'

const request: UserRequest = { kind: 'dns-lookup', fqdn: 'example.test' }

test('GetUrl makes a GET request, and a failed one has no effect on others', async (t) => {
  const seen: string[] = []
  const server = createServer((incoming, response) => {
    seen.push(`${incoming.method} ${incoming.url}`)
    response.end('thanks')
  }).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const requests = new UserRequests()
  requests.add([
    { kind: 'get-url', url: 'http://127.0.0.1:1/refused' },
    { kind: 'get-url', url: 'no url at all' },
    { kind: 'get-url', url: `http://127.0.0.1:${port}/latest?a=1` },
  ])
  while (requests.made < 3) await new Promise((resolve) => setTimeout(resolve, 5))
  assert.deepEqual(seen, ['GET /latest?a=1'])
})

test('a few run at a time, others wait, and excess ones are counted', async () => {
  let active = 0
  let most = 0
  const requests = new UserRequests(async () => {
    most = Math.max(most, ++active)
    await new Promise((resolve) => setImmediate(resolve))
    active--
  })
  requests.add(Array.from({ length: 1500 }, () => request))
  assert.equal(requests.dropped, 1500 - 1024)
  while (requests.made < 1024) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(most, 16)
})
