import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect as connectHttp2, type Settings } from 'node:http2'
import { connect, createServer } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
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
import { checkHealth } from './testing/check-health.ts'

const { Check, Watch } = serviceDefinition(Health)
const checkModule = new URL('./testing/check-health.js', import.meta.url).href
const { GetVersion } = serviceDefinition(FineGuidanceSensors)

let status: HealthStatus['status'] = 'HEALTH_STATUS_RUNNING'
let failed: string[] = []
let endpoint: RunningEndpoint
const warnings: string[] = []
let port: number
let client: Client
before(async () => {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  port = (probe.address() as { port: number }).port
  await new Promise((resolve) => probe.close(resolve))
  const source = {
    health: async () => ({ status }),
    failedPolicies: () => failed,
    onChange: () => {},
  }
  const address = { kind: 'tcp', host: '127.0.0.1', port } as const
  endpoint = await serveHealth({ address, intervalMs: 20 }, source, (text) => warnings.push(text))
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
    while ((await check('liveness')).status === 'SERVING') await sleep(5)
    assert.deepEqual(await check('liveness'), { status: 'NOT_SERVING' })
    status = 'HEALTH_STATUS_RUNNING'
    while ((await check('liveness')).status !== 'SERVING') await sleep(5)
    await assert.rejects(check('other'), { code: codes.NOT_FOUND })
  })

  it('is not ready, but alive, without some policies of files', async () => {
    assert.deepEqual(await check('readiness'), { status: 'SERVING' })
    failed = ['one']
    while ((await check('readiness')).status === 'SERVING') await sleep(5)
    assert.deepEqual(await check('readiness'), { status: 'NOT_SERVING' })
    assert.deepEqual(await check('liveness'), { status: 'SERVING' })
    failed = []
    while ((await check('readiness')).status !== 'SERVING') await sleep(5)
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
    for (let i = 0; i < 500 && (await check('')).status !== 'SERVING'; i++) await sleep(10)
  })

  it('has four calls per connection', async () => {
    const session = connectHttp2(`http://127.0.0.1:${port}`)
    const [settings] = (await once(session, 'remoteSettings')) as [Settings]
    assert.equal(settings.maxConcurrentStreams, 4)
    session.close()
  })

  it('is served while another client opens many connections', async () => {
    let closed = 0
    const idle = Array.from({ length: 300 }, () => connect(port, '127.0.0.1'))
    for (const socket of idle) {
      socket.on('error', () => {}).once('close', () => closed++)
      socket.resume()
    }
    while (closed < 250) await sleep(5)
    assert.equal(await checkHealth(port, '127.0.0.2'), 'SERVING')
    for (const socket of idle) socket.destroy()
  })

  it('is served while the main thread is busy', () => {
    const script = `import { checkHealth } from ${JSON.stringify(checkModule)}
      process.stdout.write(await checkHealth(${port}, '127.0.0.3'))`
    // The call blocks this thread.
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script])
    assert.equal(stdout.toString(), 'SERVING')
  })

  it('is served again after its thread has ended', async (t) => {
    const { mock } = t.mock.method(Worker.prototype, 'postMessage')
    while (mock.callCount() === 0) await sleep(5)
    await (mock.calls[0].this as Worker).terminate()
    const recovered = async (): Promise<boolean> =>
      checkHealth(port, '127.0.0.4').then(
        (status) => status === 'SERVING',
        () => false,
      )
    while (!(await recovered())) await sleep(20)
    assert.deepEqual(warnings, [
      'serve health: the thread ended with status 1; it is started again',
    ])
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
    let changes = 0
    const running = new AgentHealth({ ended: new Promise(() => {}) })
    assert.equal((await running.health()).status, 'HEALTH_STATUS_RUNNING')
    const closed = new AgentHealth({ ended: Promise.resolve('sink-closed') })
    const failed = new AgentHealth({ ended: Promise.reject(new Error('the reader failed')) })
    for (const health of [running, closed, failed]) health.onChange = () => changes++
    await sleep(0)
    assert.equal(changes, 2)
    const event = 'HEALTH_STATUS_TYPE_STATUS'
    const status = 'HEALTH_STATUS_ERROR'
    assert.deepEqual(await closed.health(), { event, status, details: 'sink-closed' })
    assert.deepEqual(await failed.health(), { event, status, details: 'the reader failed' })
  })

  it('names policies of files that are not in force', async () => {
    const detailsWith = async (failed: readonly string[]) => {
      return (await new AgentHealth({ ended: new Promise(() => {}) }, () => failed).health())
        .details
    }
    assert.equal(await detailsWith([]), 'running')
    assert.equal(await detailsWith(['a']), 'running; policies not in force: a')
    const many = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    assert.match((await detailsWith(many)) ?? '', /: a, b, c, d, e and 2 more$/)
  })
})
