import assert from 'node:assert/strict'
import { connect, createServer } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, status as codes, credentials, type ServiceError } from '@grpc/grpc-js'
import {
  FineGuidanceSensors,
  Health,
  type HealthCheckResponse,
  type HealthStatus,
  serviceDefinition,
} from '@tetragon-ts/api'
import type { RunningEndpoint } from '../endpoint.ts'
import { AgentHealth } from './agent-health.ts'
import { serveHealth } from './health-endpoint.ts'

const { Check, Watch } = serviceDefinition(Health)
const { GetVersion } = serviceDefinition(FineGuidanceSensors)

let status: HealthStatus['status'] = 'HEALTH_STATUS_RUNNING'
let endpoint: RunningEndpoint
let port: number
let client: Client
before(async () => {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  port = (probe.address() as { port: number }).port
  await new Promise((resolve) => probe.close(resolve))
  const source = { health: async () => ({ status }) }
  const address = { kind: 'tcp', host: '127.0.0.1', port } as const
  endpoint = await serveHealth({ address, intervalMs: 20 }, source)
  client = new Client(`127.0.0.1:${port}`, credentials.createInsecure())
})
after(async () => {
  client.close()
  await endpoint.close()
})

function check(service: string, from = client): Promise<HealthCheckResponse> {
  return new Promise((resolve, reject) => {
    const { path, requestSerialize, responseDeserialize } = Check
    const done = (error: ServiceError | null, response?: HealthCheckResponse): void => {
      if (error) reject(error)
      else resolve(response as HealthCheckResponse)
    }
    from.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service }, done)
  })
}

describe('health at an address of its own', () => {
  it('is that of the agent', async () => {
    assert.deepEqual(await check('liveness'), { status: 'SERVING' })
    assert.deepEqual(await check(''), { status: 'SERVING' })
    status = 'HEALTH_STATUS_ERROR'
    assert.deepEqual(await check('liveness'), { status: 'NOT_SERVING' })
    status = 'HEALTH_STATUS_RUNNING'
    await assert.rejects(check('other'), { code: codes.NOT_FOUND })
  })

  it('can be watched', async () => {
    const { path, requestSerialize, responseDeserialize } = Watch
    const watch = (service: string) => {
      const stream = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, {
        service,
      })
      const seen: (string | number | undefined)[] = []
      stream.on('data', (response: HealthCheckResponse) => seen.push(response.status))
      stream.on('error', () => {})
      return { stream, seen }
    }
    const [known, unknown] = [watch('liveness'), watch('other')]
    for (let i = 0; i < 500 && known.seen.length < 1; i++) await sleep(10)
    status = 'HEALTH_STATUS_ERROR'
    for (let i = 0; i < 500 && known.seen.length < 2; i++) await sleep(10)
    status = 'HEALTH_STATUS_RUNNING'
    assert.deepEqual(known.seen, ['SERVING', 'NOT_SERVING'])
    assert.deepEqual(unknown.seen, ['SERVICE_UNKNOWN'])
    known.stream.cancel()
    unknown.stream.cancel()
  })

  it('has a limited number of watches, which end with it', async () => {
    const { path, requestSerialize, responseDeserialize } = Watch
    const streams = Array.from({ length: 140 }, () =>
      client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, {}),
    )
    const refused: unknown[] = []
    let open = 0
    for (const stream of streams) {
      stream.on('error', ({ code }: ServiceError) => refused.push(code))
      stream.once('data', () => open++)
    }
    for (let i = 0; i < 500 && refused.length + open < 140; i++) await sleep(10)
    assert.equal(open, 128)
    assert.deepEqual([...new Set(refused)], [codes.RESOURCE_EXHAUSTED])
    for (const stream of streams) stream.cancel()
    assert.deepEqual(await check(''), { status: 'SERVING' })
  })

  it('is served while others open many connections', async () => {
    const idle = Array.from({ length: 300 }, () => connect(port, '127.0.0.1'))
    let closed = 0
    for (const socket of idle) {
      socket.on('error', () => {}).once('close', () => closed++)
      socket.resume()
    }
    const probe = new Client(`127.0.0.1:${port}`, credentials.createInsecure())
    try {
      while (closed < 40) await sleep(5)
      assert.deepEqual(await check('', probe), { status: 'SERVING' })
    } finally {
      probe.close()
      for (const socket of idle) socket.destroy()
    }
  })

  it('is the only service', async () => {
    const call = new Promise((resolve, reject) => {
      const { path, requestSerialize, responseDeserialize } = GetVersion
      client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        {},
        (error, response) => {
          if (error) reject(error)
          else resolve(response)
        },
      )
    })
    await assert.rejects(call, { code: codes.UNIMPLEMENTED })
  })
})

describe('the health of an agent', () => {
  it('is an error when it creates no more events', async () => {
    const running = new AgentHealth({ ended: new Promise(() => {}) })
    assert.equal((await running.health()).status, 'HEALTH_STATUS_RUNNING')
    const closed = new AgentHealth({ ended: Promise.resolve('sink-closed') })
    const failed = new AgentHealth({ ended: Promise.reject(new Error('the reader failed')) })
    await sleep(0)
    const event = 'HEALTH_STATUS_TYPE_STATUS'
    const status = 'HEALTH_STATUS_ERROR'
    assert.deepEqual(await closed.health(), { event, status, details: 'sink-closed' })
    assert.deepEqual(await failed.health(), { event, status, details: 'the reader failed' })
  })
})
