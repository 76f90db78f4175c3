import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  Client,
  type ClientReadableStream,
  credentials,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import {
  Inspect,
  type RequestOf,
  type ResponseOf,
  serviceDefinition,
  type WatchActivityResponse,
  type WatchProgramsResponse,
} from '@tetragon-ts/api'
import { TestServer } from './testing/test-server.ts'

const definition = serviceDefinition(Inspect)
type Rpcs = (typeof Inspect)['rpcs']

let test: TestServer
let client: Client
before(async () => {
  test = await TestServer.start()
  client = new Client(`unix:${test.path}`, credentials.createInsecure())
})
beforeEach(() => {
  test.host.kernel.refusal = undefined
})
after(async () => {
  client.close()
  await test.stop()
})

function call<Name extends keyof Rpcs>(
  name: Name,
  request: object = {},
): Promise<ResponseOf<Rpcs[Name]>> {
  const { path, requestSerialize, responseDeserialize } = definition[name]
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      path,
      requestSerialize as (request: object) => Buffer,
      responseDeserialize as (bytes: Buffer) => ResponseOf<Rpcs[Name]>,
      request,
      (error, response) => {
        if (response !== undefined) resolve(response)
        else reject(error)
      },
    )
  })
}

function open<T>(
  name: 'WatchActivity' | 'WatchPrograms',
  interval: string,
): ClientReadableStream<T> {
  const { path, requestSerialize, responseDeserialize } = definition[name]
  const stream = client.makeServerStreamRequest(
    path,
    requestSerialize as (request: object) => Buffer,
    responseDeserialize as (bytes: Buffer) => T,
    { interval },
  )
  stream.on('error', () => {})
  return stream
}

function next<T>(stream: ClientReadableStream<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    stream.once('data', resolve)
    stream.once('error', reject)
  })
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !condition(); i++) await sleep(2)
  assert.ok(condition())
}

const exec = (pid: number) => ({
  process_exec: { process: { exec_id: `${pid}`, pid, binary: '/bin/short' } },
})

describe('Inspect', () => {
  it('shows policies, maps, processes and losses', async () => {
    const yaml = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: one
spec:
  kprobes:
    - call: tcp_connect
      syscall: false
`
    await test.client.call('AddTracingPolicy', { yaml })
    const { policies } = await call('GetPolicies')
    assert.deepEqual(policies, [{ name: 'one', domain: 'grpc', yaml }])
    const { maps } = await call('GetMaps')
    assert.deepEqual(maps, [
      { id: 4, name: 'tg_events', type: 'ringbuf', max_entries: 4096, memory_bytes: '5000' },
    ])
    const known = { hash: 'ab12', release: '6.12.1', size: 11 }
    assert.deepEqual(await call('GetKernel'), known)
    const description = Buffer.from('description').toString('base64')
    const whole = await call('GetKernel', { with_description: true })
    assert.deepEqual(whole, { ...known, description })
    const table = await call('GetProcessTable')
    assert.deepEqual([table.entries?.[0].pid, table.max_entries], [1, 10])
    const { losses, start_time, records, queues } = await call('GetLosses')
    assert.deepEqual([losses, records], [{ exec: '2', fork: '0' }, '5'])
    assert.equal(Date.parse(start_time ?? ''), test.host.startedAt)
    assert.deepEqual(
      queues?.map(({ name, used = 0, size, unit }) => `${name} ${used} of ${size} ${unit}`),
      ['ring 10 of 1000 bytes', 'server 7 of 100 bytes', 'clients 0 of 100 events'],
    )
    assert.equal(queues?.[0].peak, '900')
  })

  it('shows the programs of a loaded policy, some at a time', async () => {
    const hooks = ['a', 'b'].map((call) => `    - {call: ${call}, syscall: false}\n`)
    const yaml = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: two}
spec:
  kprobes:
${hooks.join('')}`
    await test.client.call('AddTracingPolicy', { yaml })
    const read = (request: RequestOf<Rpcs['GetPolicyPrograms']>) =>
      call('GetPolicyPrograms', { name: 'two', ...request })
    const first = await read({})
    assert.deepEqual(first, {
      hooks: [
        {
          path: 'spec.kprobes[0]',
          call: 'a',
          programs: [{ name: 'tg_a', parts: [{ instructions: ['exit'] }] }],
        },
      ],
      next_position: 1,
    })
    const { hooks: rest = [], next_position } = await read({ position: first.next_position })
    assert.deepEqual([rest.map(({ call }) => call), next_position], [['b'], undefined])
    assert.deepEqual((await read({ section: 'kprobes', hook_idx: 1 })).hooks, rest)
    const refused = async (request: object, code: status, details: RegExp) => {
      await assert.rejects(read(request), (error: ServiceError) => {
        assert.match(error.details, details)
        return error.code === code
      })
    }
    await refused({ name: 'none' }, status.NOT_FOUND, /^show programs of policy: policy none of /)
    await refused({ domain: 'k8s' }, status.NOT_FOUND, /; policy two of domain grpc exists$/)
    await refused({ name: '' }, status.INVALID_ARGUMENT, /the request has no name/)
    await test.client.call('ConfigureTracingPolicy', { name: 'two', enable: false })
    await refused({}, status.FAILED_PRECONDITION, /policy two .* is not loaded: it is disabled$/)
    await test.client.call('DeleteTracingPolicy', { name: 'two' })
    await refused({}, status.NOT_FOUND, /policy two of domain grpc not found$/)
  })

  it('shows what policies select workloads by, and the sets of containers', async () => {
    const yaml = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: selects}
spec:
  podSelector:
    matchLabels: {app: web}
    matchExpressions: [{key: tier, operator: NotIn, values: [a, b]}]
  kprobes:
    - call: tcp_connect
      syscall: false
      selectors:
        - matchWorkloads: {hostSelector: {}}
`
    await test.client.call('AddTracingPolicy', { yaml })
    const labels = { app: 'web' }
    const id = 'a'.repeat(64)
    test.host.listedWorkloads = [
      {
        cgroup: 7,
        cgroups: 2,
        containerId: id,
        state: 'pod',
        namespace: 'n',
        pod: 'p',
        container: 'c',
        repository: 'r',
        labels,
        sets: [0],
        unknownSets: [1],
      },
    ]
    const { policies = [], workloads } = await call('GetWorkloads')
    const conditions = [
      { key: 'app', operator: 'In', values: ['web'] },
      { key: 'tier', operator: 'NotIn', values: ['a', 'b'] },
    ]
    assert.deepEqual(policies.at(-1), {
      name: 'selects',
      domain: 'grpc',
      selectors: [
        { path: 'spec', pods: { conditions } },
        { path: 'spec.kprobes[0].selectors[0]', set: 1, host: true },
      ],
    })
    assert.deepEqual(workloads, [
      {
        cgroup_id: '7',
        cgroups: 2,
        state: 'pod',
        namespace: 'n',
        pod: 'p',
        container: 'c',
        container_id: id,
        repository: 'r',
        labels,
        labels_known: true,
        sets: [0],
        unknown_sets: [1],
      },
    ])
  })

  it('counts runs of programs while a client watches them', async () => {
    const stream = open<WatchProgramsResponse>('WatchPrograms', '0.1s')
    const first = await next(stream)
    assert.equal(first.elapsed, undefined)
    assert.deepEqual(first.programs, [{ id: 3, name: 'tg_exec', type: 'tracing', run_count: '1' }])
    assert.match((await next(stream)).elapsed ?? '', /^0\.\d+s$/)
    stream.cancel()
    await until(() => test.host.kernel.counting.runs === 0)
  })

  it('counts calls and events by process while clients watch, for each watcher', async () => {
    const { kernel, events } = test.host
    const one = open<WatchActivityResponse>('WatchActivity', '0.1s')
    const two = open<WatchActivityResponse>('WatchActivity', '1s')
    await until(() => events.isOpen)
    await next(one)
    assert.equal(kernel.counting.calls, 1)
    kernel.calls = [
      { pid: 1, name: 'read', count: 2 },
      { pid: 1, name: 'openat', count: 5 },
      { pid: 9, name: 'i386/write', count: 1 },
    ]
    kernel.uncounted = 3
    events.emit(exec(1), exec(1), exec(8))
    events.lose(4)
    const expected = {
      uncounted_syscalls: '3',
      lost_events: '4',
      counts_syscalls: true,
      processes: [
        {
          pid: 1,
          exec_id: 'init',
          binary: '/sbin/init',
          syscalls: [
            { name: 'openat', count: '5' },
            { name: 'read', count: '2' },
          ],
          events: [{ name: 'process_exec', count: '2' }],
        },
        { pid: 9, syscalls: [{ name: 'i386/write', count: '1' }] },
        {
          pid: 8,
          exec_id: '8',
          binary: '/bin/short',
          events: [{ name: 'process_exec', count: '1' }],
        },
      ],
    }
    for (const stream of [one, two]) {
      let response: WatchActivityResponse
      do response = await next(stream)
      while (response.processes === undefined)
      const { elapsed, ...rest } = response
      assert.ok(Number(elapsed?.slice(0, -1)) > 0)
      assert.deepEqual(rest, expected)
    }
    one.cancel()
    await until(() => kernel.counting.calls === 1)
    two.cancel()
    await until(() => kernel.counting.calls === 0 && !events.isOpen)
  })

  it('counts events where the kernel refuses to count calls', async () => {
    test.host.kernel.refusal = 'load program: EPERM'
    const stream = open<WatchActivityResponse>('WatchActivity', '0.1s')
    await until(() => test.host.events.isOpen)
    test.host.events.emit(exec(8))
    const { counts_syscalls, syscalls_error, processes } = await next(stream)
    assert.deepEqual([counts_syscalls, syscalls_error], [undefined, 'load program: EPERM'])
    assert.equal(processes?.length, 1)
    stream.cancel()
  })

  it('ends open streams with the server', async () => {
    const other = await TestServer.start()
    const own = new Client(`unix:${other.path}`, credentials.createInsecure())
    const { path, requestSerialize, responseDeserialize } = definition.WatchPrograms
    const stream = own.makeServerStreamRequest(path, requestSerialize, responseDeserialize, {})
    await next(stream)
    const ended = new Promise((resolve) => stream.on('end', resolve))
    stream.resume()
    await other.stop()
    await ended
    assert.equal(other.host.kernel.counting.runs, 0)
    own.close()
  })

  it('is bounded in number', async () => {
    const watches = Array.from({ length: 128 }, () => open('WatchPrograms', '60s'))
    await Promise.all(watches.map(next))
    const refused = new Promise<ServiceError>((resolve) => {
      open('WatchActivity', '60s').on('error', resolve)
    })
    const { code, details } = await refused
    assert.equal(code, status.RESOURCE_EXHAUSTED)
    assert.match(details, /128 watches are open; end others/)
    for (const watch of watches) watch.cancel()
    await until(() => test.host.kernel.counting.runs === 0)
  })

  it('refuses intervals that make no sense', async () => {
    for (const interval of ['0s', '-1s', '99999s']) {
      const ended = new Promise<ServiceError>((resolve) => {
        open('WatchActivity', interval).on('error', resolve)
      })
      const { code, details } = await ended
      assert.equal(code, status.INVALID_ARGUMENT)
      assert.match(details, /expected 0.1s to 3600s/)
    }
  })
})
