import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { PodmanLabels } from './podman-labels.ts'
import type { ContainerLabels } from './runtime-container.ts'

const id = 'ab'.repeat(32)

describe('labels of containers of Podman', () => {
  let procfs: string
  let server: Server
  let found: ContainerLabels[]
  let warnings: string[]
  let labels: PodmanLabels
  let paths: string[]
  let answer: (response: ServerResponse) => void
  beforeEach(async () => {
    procfs = mkdtempSync(join(tmpdir(), 'tetragon-podman-'))
    found = []
    warnings = []
    paths = []
    server = createServer(({ method, url = '' }, response) => {
      paths.push(`${method} ${url}`)
      answer(response)
    })
    labels = new PodmanLabels(procfs, {
      found: (each) => found.push(each),
      warn: (message) => warnings.push(message),
    })
  })
  afterEach(() => {
    labels.close()
    server.closeAllConnections()
    server.close()
    rmSync(procfs, { recursive: true })
  })

  async function serve(): Promise<void> {
    const socket = join(procfs, '1/root/run/podman/podman.sock')
    mkdirSync(dirname(socket), { recursive: true })
    server.listen(socket)
    await once(server, 'listening')
  }
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await sleep(2)
  }
  const container = (Labels: unknown, Id = id) => JSON.stringify({ Id, Config: { Labels } })

  it('are read, one container after the other', async () => {
    answer = (response) => response.end(container({ app: 'a', number: 5 }))
    await serve()
    labels.lookUp(Array.from({ length: 1000 }, () => id))
    await until(() => found.length === 256)
    assert.deepEqual(found[0], { id, labels: { app: 'a' } })
    assert.equal(paths[0], `GET /v4.0.0/libpod/containers/${id}/json`)
    assert.deepEqual([paths.length, warnings], [256, []])
  })

  it('are none without a service, and without labels', async () => {
    answer = (response) => response.end(container(null))
    labels.lookUp([id])
    await serve()
    labels.lookUp([id])
    await until(() => paths.length === 1)
    assert.deepEqual([found, warnings], [[], []])
  })

  const hostile: Readonly<Record<string, (response: ServerResponse) => void>> = {
    'status 404': (response) => response.writeHead(404).end('{}'),
    'Unexpected token': (response) => response.end('<html>'),
    'the answer is about another container': (response) => response.end(container({}, 'x')),
    'the answer has more than': (response) => response.end(Buffer.alloc(2 << 20, 0x20)),
    'socket hang up': (response) => response.destroy(),
  }
  for (const [reason, respond] of Object.entries(hostile)) {
    it(`are omitted with one warning: ${reason}`, async () => {
      answer = respond
      await serve()
      labels.lookUp([id, id])
      await until(() => paths.length === 2 && warnings.length > 0)
      assert.match(
        warnings.join(),
        new RegExp(`^ask the service of Podman: .*${reason}.*; events lack`),
      )
      assert.deepEqual(found, [])
    })
  }
})
