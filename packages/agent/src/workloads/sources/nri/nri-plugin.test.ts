import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PodFacts } from '../../pod-facts.ts'
import type { DeclaredPod } from '../../pod-text.ts'
import {
  configureRequest,
  configureResponse,
  createRequest,
  registerRequest,
  stateChange,
  synchronizeRequest,
  ttrpcRequest,
  ttrpcResponse,
} from './nri-messages.ts'
import { NriPlugin } from './nri-plugin.ts'

const id = 'a'.repeat(64)
const pod = {
  id: 'sandbox',
  name: 'xwing',
  uid: 'u-1',
  namespace: 'default',
  labels: { class: 'xwing', 'io.kubernetes.pod.uid': 'u-1', 'io.cri-containerd.kind': 'sandbox' },
  annotations: { note: 'a' },
}
const container = {
  id,
  pod_sandbox_id: 'sandbox',
  name: 'spaceship',
  annotations: { 'io.kubernetes.cri.image-name': 'demo:1' },
}

let folder: string
let path: string
let server: Server
let connections: Socket[]
let pods: PodFacts[]
let containers: DeclaredPod[]
let warnings: string[]
let plugin: NriPlugin
/** Settles the promise that the runtime waits for. */
let release: () => void
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tetragon-nri-'))
  path = join(folder, 'nri.sock')
  connections = []
  pods = []
  containers = []
  warnings = []
  server = createServer((socket) => connections.push(socket))
  server.listen(path)
  await once(server, 'listening')
  const options = { endpoint: `unix://${path}`, procfs: '/proc', annotations: false }
  plugin = new NriPlugin(
    options,
    {
      pod: (found) => pods.push(found),
      container: (found) => {
        containers.push(found)
        return new Promise((resolve) => {
          release = resolve
        })
      },
      warn: (message) => warnings.push(message),
    },
    { retry: { min: 1, max: 4 } },
  )
})
afterEach(() => {
  plugin.close()
  for (const socket of connections) socket.destroy()
  server.close()
  rmSync(folder, { recursive: true })
})

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(2)
}

/** A message of ttrpc in a frame of a logical connection. */
function framed(connection: number, stream: number, type: number, message: Uint8Array): Buffer {
  const head = Buffer.alloc(18)
  head.writeUInt32BE(connection, 0)
  head.writeUInt32BE(10 + message.length, 4)
  head.writeUInt32BE(message.length, 8)
  head.writeUInt32BE(stream, 12)
  head[16] = type
  return Buffer.concat([head, message])
}

/** The runtime: reads the messages of the plugin one by one. */
class Runtime {
  readonly socket: Socket
  #bytes = Buffer.alloc(0)

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (bytes) => {
      this.#bytes = Buffer.concat([this.#bytes, bytes])
    })
  }

  async read(connection: number): Promise<Buffer> {
    await until(
      () => this.#bytes.length >= 8 && this.#bytes.length >= 8 + this.#bytes.readUInt32BE(4),
    )
    assert.equal(this.#bytes.readUInt32BE(0), connection)
    const end = 8 + this.#bytes.readUInt32BE(4)
    const message = this.#bytes.subarray(18, end)
    this.#bytes = this.#bytes.subarray(end)
    return message
  }

  /** Sends a call, in pieces of some bytes. @returns its answer */
  async call(method: string, payload: Uint8Array, pieces = 1000) {
    const service = 'nri.pkg.api.v1alpha1.Plugin'
    const request = { service, method, payload: Buffer.from(payload).toString('base64') }
    const bytes = framed(1, 1, 1, ttrpcRequest.encode(request))
    for (let at = 0; at < bytes.length; at += pieces) {
      this.socket.write(bytes.subarray(at, at + pieces))
      if (pieces < 1000) await sleep(1)
    }
    const { status, payload: answer = '' } = ttrpcResponse.decode(await this.read(1))
    return { status, answer: Buffer.from(answer, 'base64') }
  }
}

/** Accepts the registration of the plugin. */
async function register(): Promise<Runtime> {
  await until(() => connections.length > 0)
  const runtime = new Runtime(connections.splice(0, 1)[0])
  const { method, payload = '' } = ttrpcRequest.decode(await runtime.read(2))
  assert.equal(method, 'RegisterPlugin')
  const name = registerRequest.decode(Buffer.from(payload, 'base64')).plugin_name
  assert.equal(name, 'tetragon-ts')
  runtime.socket.write(framed(2, 1, 2, ttrpcResponse.encode({})))
  const configure = configureRequest.encode({ runtime_name: 'containerd' })
  const { answer } = await runtime.call('Configure', configure)
  assert.deepEqual(configureResponse.decode(answer), { events: 0b1001 })
  return runtime
}

const expected: PodFacts = {
  namespace: 'default',
  name: 'xwing',
  uid: 'u-1',
  staticUid: '',
  containers: [],
  labels: { class: 'xwing' },
  annotations: undefined,
  workload: '',
  workloadKind: '',
}
const declared = {
  namespace: 'default',
  name: 'xwing',
  uid: 'u-1',
  container: { name: 'spaceship', image: 'demo:1' },
}

describe('the NRI plugin', () => {
  it('connects again if the registration is not answered', async () => {
    const reasons: string[] = []
    const stalled = new NriPlugin(
      { endpoint: path, procfs: '/proc', annotations: false },
      { pod: () => {}, container: async () => {}, warn: (message) => reasons.push(message) },
      { retry: { min: 1, max: 4 }, registration: 1 },
    )
    await until(() => connections.length > 3)
    stalled.close()
    assert.equal(reasons.length, 1)
    assert.match(reasons[0], /^follow containers at .*: no answer to RegisterPlugin within 1 ms;/)
  })

  it('closes the connection if the registration is refused, and connects again', async () => {
    for (let i = 0; i < 2; i++) {
      await until(() => connections.length > 0)
      const runtime = new Runtime(connections.splice(0, 1)[0])
      await runtime.read(2)
      const ended = once(runtime.socket, 'close')
      const status = { code: 7, message: 'not allowed' }
      runtime.socket.write(framed(2, 1, 2, ttrpcResponse.encode({ status })))
      await ended
    }
    assert.match(warnings[0], /^follow containers at .*: not allowed;/)
    await register()
  })

  it('gets pods and containers that exist, in parts', async () => {
    const runtime = await register()
    const first = synchronizeRequest.encode({ pods: [pod], more: true })
    assert.equal((await runtime.call('Synchronize', first)).status, undefined)
    await runtime.call('Synchronize', synchronizeRequest.encode({ containers: [container] }), 7)
    await until(() => containers.length > 0)
    assert.deepEqual(pods[0], expected)
    assert.deepEqual([containers[0].pod, containers[0].id], [declared, id])
    assert.equal(containers[0].names.scheme, 'containerd')
  })

  it('answers about a new container when it is known', async () => {
    const runtime = await register()
    let isAnswered = false
    const call = runtime
      .call('CreateContainer', createRequest.encode({ pod, container }))
      .then((answer) => {
        isAnswered = true
        return answer
      })
    await until(() => containers.length > 0)
    assert.equal(isAnswered, false)
    release()
    const { status, answer } = await call
    assert.deepEqual([status, answer.length], [undefined, 0])
    assert.deepEqual([pods, containers[0].pod], [[expected], declared])
  })

  it('lets a container continue without a decision', async () => {
    const runtime = await register()
    await runtime.call('CreateContainer', createRequest.encode({ pod, container }))
    assert.equal(containers.length, 1)
  })

  it('gets sandboxes, and refuses calls that it does not know', async () => {
    const runtime = await register()
    await runtime.call('StateChange', stateChange.encode({ pod }))
    assert.deepEqual(pods, [expected])
    assert.equal((await runtime.call('Future', Buffer.alloc(0))).status?.code, 12)
    assert.equal((await runtime.call('Shutdown', Buffer.alloc(0))).status, undefined)
  })

  it('ignores pods and containers with strange names', async () => {
    const runtime = await register()
    const strange = { ...pod, name: 'a\nb' }
    await runtime.call('CreateContainer', createRequest.encode({ pod: strange, container }))
    const other = { ...container, id: '../../etc' }
    await runtime.call('CreateContainer', createRequest.encode({ pod, container: other }))
    await runtime.call('CreateContainer', new Uint8Array())
    assert.deepEqual([pods, containers], [[expected], []])
  })

  it('connects again after the runtime has ended, and after malformed messages', async () => {
    const endings: readonly (readonly [string, (runtime: Runtime) => void])[] = [
      ['the runtime closed the connection', ({ socket }) => socket.end()],
      ['a frame has 4294967295 bytes', ({ socket }) => socket.write(Buffer.alloc(8, 0xff))],
      [
        'a message has 4294967295 bytes',
        ({ socket }) => {
          const bytes = framed(1, 1, 1, new Uint8Array())
          bytes.writeUInt32BE(0xffffffff, 8)
          socket.write(bytes)
        },
      ],
      ['.*', ({ socket }) => socket.write(framed(1, 1, 1, Buffer.alloc(50, 0xff)))],
    ]
    for (const [reason, end] of endings) {
      warnings.length = 0
      end(await register())
      await until(() => warnings.length > 0)
      assert.match(warnings[0], new RegExp(`^follow containers at .*: ${reason}; policies may`))
    }
    await register()
  })
})
