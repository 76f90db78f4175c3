import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { ApiClient, type ApiLimits } from './api-client.ts'
import { ApiError } from './api-error.ts'
import { watchFailure } from './watch-failure.ts'
import { type KubeObject, type WaitMs, watchResources } from './watch-resources.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

const list = (version: string, ...names: string[]) =>
  JSON.stringify({
    metadata: { resourceVersion: version },
    items: names.map((name) => ({ metadata: { name } })),
  })
const line = (type: string, name: string, version: string) =>
  `${JSON.stringify({ type, object: { metadata: { name, resourceVersion: version } } })}\n`

/**
 * Watches a server with these responses, one per request; the last request stays open.
 * @param until the entry of the log after which the watch ends
 * @returns the requests, and the calls of the handler
 */
async function follow(
  answers: readonly Answer[],
  until: string,
  waitMs: WaitMs = { min: 1, max: 4 },
  limits?: ApiLimits,
) {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(request.url ?? '')
    answers[requests.length - 1]?.(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const end = new AbortController()
  const log: string[] = []
  const add = (text: string): void => {
    log.push(text)
    if (text === until) end.abort()
  }
  const name = (object: KubeObject): string => (object.metadata as { name: string }).name
  const address = {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    tls: () => ({}),
    authorization: () => `Bearer ${requests.length}`,
  }
  const client = new ApiClient(address, limits)
  const handler = {
    replace: (objects: readonly KubeObject[]) => add(`= ${objects.map(name).join()}`),
    change: (object: KubeObject) => add(`+ ${name(object)}`),
    remove: (object: KubeObject) => add(`- ${name(object)}`),
    failed: (error: Error, isFirst: boolean) => add(`${isFirst ? '!' : '…'} ${error.message}`),
  }
  await watchResources(client, '/api/v1/pods', 'a=b', handler, end.signal, waitMs)
  server.closeAllConnections()
  server.close()
  return { requests: requests.map((url) => url.replace(/^.*?a=b/, '')), log }
}

describe('a watch', () => {
  it('requests fewer objects if a page is too large, and more again afterwards', async () => {
    const large = Buffer.alloc((1 << 24) + 1, ' ')
    const first = JSON.stringify({ metadata: { continue: 'c', resourceVersion: '1' }, items: [] })
    const answers = [large, large, first, list('5', 'p')]
    const { requests, log } = await follow(
      answers.map((answer) => (_, response) => response.end(answer)),
      '= p',
    )
    const pages = ['&limit=100', '&limit=50', '&limit=25', '&limit=50&continue=c']
    assert.deepEqual(requests.slice(0, 4), pages)
    assert.deepEqual(log, ['= p'])
  })

  it('ignores empty resource versions', async () => {
    const { requests, log } = await follow(
      [
        (_, response) => response.end(list('', 'p')),
        (_, response) => response.end(list('5', 'p')),
        (_, response) => response.end(line('MODIFIED', 'p', '')),
        (_, response) => response.write(line('MODIFIED', 'q', '6')),
      ],
      '+ q',
    )
    assert.match(requests[3], /resourceVersion=5$/)
    assert.deepEqual(log, ['! the list has no resourceVersion', '= p', '+ p', '+ q'])
  })

  it('lists page by page, then follows changes', async () => {
    const first = { metadata: { continue: 'c&', resourceVersion: '1' }, items: [] }
    const { requests, log } = await follow(
      [
        (_, response) => response.end(JSON.stringify(first)),
        (_, response) => response.end(list('5', 'p')),
        ({ headers }, response) => {
          assert.equal(headers.authorization, 'Bearer 2')
          const text = line('ADDED', 'ä', '6') + line('DELETED', 'p', '7')
          const bytes = Buffer.from(text + line('BOOKMARK', '', '9'))
          // A character may be split between two pieces.
          response.write(bytes.subarray(0, bytes.indexOf(0xc3) + 1))
          setImmediate(() => response.end(bytes.subarray(bytes.indexOf(0xc3) + 1)))
        },
        (_, response) => response.write(line('MODIFIED', 'last', '10')),
      ],
      '+ last',
    )
    assert.deepEqual(log, ['= p', '+ ä', '- p', '+ last'])
    assert.equal(requests[1], '&limit=100&continue=c%26')
    assert.match(requests[2], /^&watch=1&allowWatchBookmarks=true.*&resourceVersion=5$/)
    assert.match(requests[3], /&resourceVersion=9$/)
  })

  it('accepts an empty list of metadata', async () => {
    const empty = { kind: 'PartialObjectMetadataList', metadata: { resourceVersion: '3' } }
    const { log } = await follow(
      [(_, response) => response.end(JSON.stringify({ ...empty, items: null }))],
      '= ',
    )
    assert.deepEqual(log, ['= '])
  })

  it('lists again if the resource version is too old', async () => {
    const status = { code: 410, message: 'too old', metadata: {} }
    const { log } = await follow(
      [
        (_, response) => response.end(list('1')),
        (_, response) => response.end(`${JSON.stringify({ type: 'ERROR', object: status })}\n`),
        (_, response) => response.end(list('2', 'a')),
        (_, response) => response.writeHead(410).end('{"message":"gone"}'),
        (_, response) => response.end(list('3', 'b')),
      ],
      '= b',
    )
    assert.deepEqual(log, ['= ', '= a', '= b'])
  })

  it('reports a failure and continues from the last version', async () => {
    const { requests, log } = await follow(
      [
        (_, response) => response.writeHead(403).end('{"message":"pods is forbidden\\u001b"}'),
        (_, response) => response.end(list('4')),
        (request) => request.socket.destroy(),
        (_, response) => response.write(line('ADDED', 'a', '5')),
      ],
      '+ a',
    )
    assert.deepEqual(log, ['! 403 "pods is forbidden\\u001b"', '= ', '! socket hang up', '+ a'])
    assert.match(requests[3], /&resourceVersion=4$/)
  })

  it('pauses between watches that end at their start', async () => {
    const empty: Answer = (_, response) => response.end()
    const started = performance.now()
    const { requests } = await follow(
      [
        (_, response) => response.end(list('1')),
        ...[empty, empty, empty, empty],
        (_, response) => response.write(line('ADDED', 'a', '2')),
      ],
      '+ a',
      { min: 20, max: 60_000 },
    )
    assert.equal(requests.length, 6)
    // Half of 20, 40, 80 and 160 ms at least.
    assert.ok(performance.now() - started >= 150)
  })

  it('refuses other responses', async () => {
    const { log } = await follow(
      [
        (_, response) => response.end('{}'),
        (_, response) => response.end(list('1')),
        (_, response) => response.end('{"type":"ADDED","object":5}\n'),
      ],
      '! an event of the watch has no object',
    )
    assert.equal(log[0], '! the response is not a list')
  })

  it('sends the newest credentials after 401, and marks repeated failures', async () => {
    const refuse: Answer = (_, response) => response.writeHead(401).end('{"message":"expired"}')
    const used: unknown[] = []
    const { log } = await follow(
      [
        refuse,
        refuse,
        ({ headers }, response) => {
          used.push(headers.authorization)
          response.end(list('1', 'a'))
        },
        refuse,
        (_, response) => response.write(line('ADDED', 'b', '2')),
      ],
      '+ b',
    )
    assert.deepEqual(log, ['! 401 "expired"', '… 401 "expired"', '= a', '! 401 "expired"', '+ b'])
    assert.deepEqual(used, ['Bearer 2'])
  })

  it('gives up requests without a response, slow lists and silent watches', async () => {
    const late = 600_000
    const wait = { min: 1, max: 4 }
    const silence: Answer = () => {}
    const withoutAnswer = '! no response'
    const limits = { answerMs: 20, pageMs: late }
    assert.deepEqual((await follow([silence], withoutAnswer, wait, limits)).log, [withoutAnswer])
    const slowly: Answer = (request, response) => {
      const timer = setInterval(() => response.write(' '), 1)
      request.on('close', () => clearInterval(timer))
    }
    const slow = '! the response is too slow'
    const slowPage = { answerMs: late, pageMs: 20 }
    assert.deepEqual((await follow([slowly], slow, wait, slowPage)).log, [slow])
    const answers: Answer[] = [
      (_, response) => response.end(list('1', 'a')),
      (_, response) => response.write(line('BOOKMARK', '', '7')),
    ]
    const { log } = await follow(answers, '! no data', { ...wait, silent: 20 })
    assert.deepEqual(log, ['= a', '! no data'])
  })
})

describe('the text of a failed watch', () => {
  it('has the remedy, if the API server says the reason', () => {
    const textOf = (error: Error) => watchFailure('tracingpolicies.cilium.io', error)
    const head = /^watch tracingpolicies.cilium.io in the API server: /
    for (const error of [new Error('x'), new ApiError(500, 'x'), new ApiError(403, 'x')]) {
      assert.match(textOf(error), head)
    }
    assert.match(textOf(new ApiError(500, 'x')), /: x$/)
    const rights = /needs the verbs list and watch on tracingpolicies.cilium.io$/
    assert.match(textOf(new ApiError(403, 'x')), rights)
    assert.match(textOf(new ApiError(401, 'x')), /credentials are read again/)
  })
})
