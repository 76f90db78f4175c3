import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const podInfos = '/apis/cilium.io/v1alpha1/podinfo'
const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const established = { conditions: [{ type: 'Established', status: 'True' }] }

/**
 * An API server of a cluster with many pods, for the operator. It creates pods when they are read
 * and keeps no objects: its own memory does not limit their number.
 */
export class SimulatedCluster {
  readonly #pods: number
  /** Indices of pods that have a PodInfo. */
  readonly #written = new Set<number>()
  readonly #server = createServer((request, response) => void this.#answer(request, response))
  /** Paths of CRDs that exist. */
  readonly #crds = new Set<string>()
  /** The operator's watch of PodInfo objects. */
  #watch: ServerResponse | undefined
  /** Size of a pod in JSON, in bytes. */
  readonly podBytes: number

  constructor(pods: number) {
    this.#pods = pods
    this.podBytes = JSON.stringify(podOf(0)).length
  }

  /** @returns the URL of the server */
  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get written(): number {
    return this.#written.size
  }

  [Symbol.dispose](): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams: query } = new URL(request.url ?? '', 'http://server')
    let body = ''
    for await (const piece of request.setEncoding('utf8')) body += piece
    if (pathname.startsWith(crds)) {
      const isCreated = request.method === 'POST'
      if (isCreated && !query.has('dryRun')) {
        const { metadata } = JSON.parse(body) as { metadata: { name: string } }
        this.#crds.add(`${crds}/${metadata.name}`)
      }
      response.writeHead(isCreated || this.#crds.has(pathname) ? 200 : 404)
      response.end(JSON.stringify({ status: established }))
    } else if (query.has('watch')) {
      response.writeHead(200).flushHeaders()
      if (pathname === podInfos) this.#watch = response
    } else if (pathname === '/api/v1/pods') {
      const from = Number(query.get('continue') ?? 0)
      const to = Math.min(from + Number(query.get('limit')), this.#pods)
      const items = Array.from({ length: to - from }, (_, i) => podOf(from + i))
      const next = to < this.#pods ? { continue: `${to}` } : {}
      response.end(JSON.stringify({ metadata: { resourceVersion: '1', ...next }, items }))
    } else if (pathname === podInfos) {
      response.end(JSON.stringify({ metadata: { resourceVersion: '1' }, items: [] }))
    } else if (request.method === 'POST') {
      const { metadata } = JSON.parse(body) as { metadata: { name: string } }
      this.#written.add(indexOf(metadata.name))
      this.#watch?.write(`${JSON.stringify({ type: 'ADDED', object: JSON.parse(body) })}\n`)
      response.writeHead(201).end(body)
    } else {
      response.end(JSON.stringify(podOf(indexOf(pathname.slice(pathname.lastIndexOf('/') + 1)))))
    }
  }
}

const indexOf = (name: string): number => Number(name.slice(name.lastIndexOf('-') + 1))

/** A pod of a deployment, with the fields and the size that pods have. */
function podOf(index: number) {
  const name = `deployment-${Math.floor(index / 10)}-7d4b9c6f5-${index}`
  const uid = createHash('sha256').update(name).digest('hex').slice(0, 32)
  const ip = `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`
  const environment = Array.from({ length: 20 }, (_, i) => ({
    name: `VARIABLE_${i}`,
    value: `value ${i} of ${name}`,
  }))
  return {
    metadata: {
      name,
      generateName: name.slice(0, name.lastIndexOf('-') + 1),
      namespace: `namespace-${index % 100}`,
      uid,
      resourceVersion: '1',
      labels: {
        app: name,
        'pod-template-hash': '7d4b9c6f5',
        tier: 'backend',
        team: `t${index % 7}`,
      },
      annotations: { 'prometheus.io/scrape': 'true', 'checksum/config': uid + uid },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: `deployment-${Math.floor(index / 10)}-7d4b9c6f5`,
          uid,
          controller: true,
        },
      ],
      managedFields: [
        {
          manager: 'kubelet',
          fieldsV1: Object.fromEntries(environment.map(({ name }) => [`f:${name}`, {}])),
        },
      ],
    },
    spec: {
      nodeName: `node-${index % 5000}`,
      containers: [1, 2].map((each) => ({
        name: `c${each}`,
        image: 'registry.example/app:1',
        env: environment,
      })),
    },
    status: { phase: 'Running', podIP: ip, podIPs: [{ ip }], conditions: environment },
  }
}
