import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fields, list } from '@tetragon-ts/kubernetes'
import { FakeApiServer, type FakeObject } from '@tetragon-ts/kubernetes/testing'
import { policyRef } from '@tetragon-ts/policy/status'
import { NodeWatch } from '../../../kubernetes/node-watch.ts'
import { PolicyRegistry } from '../../registry/policy-registry.ts'
import { FakeLoader } from '../../registry/testing/fake-loader.ts'
import { KubernetesPolicies } from './kubernetes-policies.ts'
import { NamespacedLimit } from './namespaced-limit.ts'

const clusterPath = '/apis/cilium.io/v1alpha1/tracingpolicies'
const namespacedPath = '/apis/cilium.io/v1alpha1/tracingpoliciesnamespaced'
const nodePath = '/api/v1/nodes'

const hooks = (call: string) => ({ kprobes: [{ call, syscall: false }] })
const policy = (name: string, spec: unknown = hooks('tcp_connect')): FakeObject => {
  return { metadata: { name, uid: 'u', generation: 1 }, spec }
}
const node = (labels: Record<string, string>): FakeObject => {
  return { metadata: { name: 'here', labels }, status: { heartbeat: Math.random() } }
}

let folder: string
let server: FakeApiServer
let loader: FakeLoader
let registry: PolicyRegistry
let source: KubernetesPolicies
let watched: NodeWatch
let log: string[]
/** Errors of rules by object, and what was given to the agent. */
let ruleErrors: Map<string, string[]>
let givenRules: ReadonlyMap<string, string>[]
const rules = {
  setObjects: async (texts: ReadonlyMap<string, string>) => {
    givenRules.push(texts)
    return ruleErrors
  },
}
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tetragon-policies-'))
  server = await FakeApiServer.start()
  server.set(nodePath, node({ zone: 'a' }))
  loader = new FakeLoader()
  registry = new PolicyRegistry(loader)
  log = []
  ruleErrors = new Map()
  givenRules = []
})
afterEach(() => {
  source.close()
  watched.close()
  server.close()
  rmSync(folder, { recursive: true })
})

/**
 * @param startMs maximum time that the start waits for the server
 * @param load maximum time that it waits for the policies
 */
async function start(startMs = 60_000, limit?: NamespacedLimit, load = 60_000): Promise<void> {
  const kubeconfig = join(folder, 'config')
  writeFileSync(
    kubeconfig,
    `current-context: c
clusters: [{name: c, cluster: {server: '${server.url}'}}]
users: [{name: u, user: {token: t}}]
contexts: [{name: c, context: {cluster: c, user: u, namespace: system}}]
`,
  )
  const sink = {
    info: (message: string) => log.push(`info ${message}`),
    warning: (message: string) => log.push(`warning ${message}`),
  }
  const report = { settle: 1, look: 5, verify: 100, window: 1, retry: { min: 1, max: 4 } }
  const waits = { start: startMs, load }
  const times = { ...waits, save: 1, watch: { min: 1, max: 4 }, report }
  watched = new NodeWatch({ kubeconfig, nodeName: 'here' }, sink, times.watch)
  const pod = { name: 'tetragon-x', uid: 'pod' }
  const options = { kubeconfig, savedPath: join(folder, 'saved.json'), pod }
  source = new KubernetesPolicies(options, watched, rules, sink, times, limit)
  await source.start(registry)
}

/** A new agent, with the files of the one before. */
async function startAgain(startMs: number): Promise<void> {
  loader = new FakeLoader()
  registry = new PolicyRegistry(loader)
  log = []
  await start(startMs)
}

function readSaved(file: string): string[] {
  const { objects } = JSON.parse(readFileSync(file, 'utf8')) as { objects: FakeObject[] }
  return objects.map(({ metadata }) => metadata.name)
}

/** Name, state and first line of the error of each policy. */
const listed = (): string[] =>
  registry
    .list()
    .map(({ name, namespace, state, error = '' }) => {
      const short = String(state).replace('TP_STATE_', '').toLowerCase()
      return `${namespace ? `${namespace}/` : ''}${name} ${short} ${error.split('\n').at(-1)}`.trim()
    })
    .sort()

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(2)
}

const untilListed = async (...expected: string[]): Promise<void> => {
  await until(() => listed().join() === expected.join())
  assert.deepEqual(listed(), expected)
}

describe('policies in the Kubernetes API', () => {
  it('that exist are loaded at the start, those of both kinds', async () => {
    server.set(clusterPath, policy('a'))
    for (const namespace of ['one', 'two']) {
      server.set(namespacedPath, { ...policy('a'), metadata: { name: 'a', namespace } })
    }
    await start()
    assert.deepEqual(listed(), ['a enabled', 'one/a enabled', 'two/a enabled'])
    assert.deepEqual([...new Set(registry.list().map(({ domain }) => domain))], ['k8s'])
    assert.deepEqual(log, [])
  })

  it('are loaded, replaced and unloaded as they change', async () => {
    await start()
    server.set(clusterPath, policy('a'))
    await untilListed('a enabled')
    const [{ id }] = registry.list()
    server.set(clusterPath, policy('a', hooks('tcp_close')))
    const hook = () => registry.list()[0]?.hook_statuses?.[0]?.hook_description
    await until(() => hook() === 'tcp_close (fentry)')
    assert.equal(registry.list()[0].id, id)
    server.delete(clusterPath, policy('a'))
    await untilListed()
    assert.deepEqual(loader.names, [])
    assert.deepEqual(log, [])
  })

  it('that are invalid are listed with the path of the error, and affect no other', async () => {
    server.set(clusterPath, policy('bad-kernel'))
    server.set(clusterPath, { metadata: { name: 'empty' } })
    server.set(clusterPath, policy('good'))
    server.set(clusterPath, policy('misspelt', { kprobes: [{ cal: 'x' }] }))
    server.set(clusterPath, { metadata: { name: 'no/such/name' }, spec: {} })
    await start()
    const [kernel, empty, good, misspelt, ...others] = listed()
    assert.deepEqual([kernel, good, others], ['bad-kernel load_error no such', 'good enabled', []])
    assert.equal(empty, 'empty load_error TracingPolicy empty: error: spec is missing (spec)')
    assert.match(misspelt, /^misspelt load_error TracingPolicy misspelt: error: .*kprobes\[0\]/)
    assert.match(log.join('\n'), /no\/such\/name: error: invalid name/)
    server.set(clusterPath, policy('misspelt'))
    server.delete(clusterPath, policy('empty'))
    await untilListed('bad-kernel load_error no such', 'good enabled', 'misspelt enabled')
  })

  it('that are too large are refused', async () => {
    const comment = (length: number) => ({ ...hooks('tcp_close'), lists: ['x'.repeat(length)] })
    let deep: unknown = 0
    for (let i = 0; i < 200; i++) deep = [deep]
    server.set(clusterPath, policy('deep', { lists: deep, padding: 'x'.repeat(2 ** 15) }))
    server.set(clusterPath, policy('large', comment(2 ** 20)))
    server.set(clusterPath, policy('number', { uprobes: [{ offsets: [2 ** 60] }] }))
    await start()
    const [deepest, large, number] = listed()
    assert.match(deepest, /^deep load_error .*nested too deeply/)
    assert.match(large, /^large load_error .*the maximum is 1048576$/)
    assert.match(number, /^number load_error TracingPolicy number: error: .*2\^53/)
  })

  it('of namespaces are limited together, so that they cannot end those of others', async () => {
    const named = (name: string): FakeObject => {
      return { metadata: { name, namespace: 'n' }, spec: hooks('tcp_close') }
    }
    server.set(namespacedPath, named('a'))
    server.set(clusterPath, policy('cluster'))
    await start(60_000, new NamespacedLimit({ objects: 1, characters: 1000 }))
    server.set(namespacedPath, named('b'))
    server.set(clusterPath, policy('other'))
    const error =
      'TracingPolicyNamespaced n/b: error: the agent accepts 1 namespaced policies with 1000 ' +
      'characters of JSON in total; delete others and create it again'
    const others = ['cluster enabled', 'n/a enabled']
    await untilListed(...others, `n/b load_error ${error}`, 'other enabled')
    server.delete(namespacedPath, named('a'))
    server.set(namespacedPath, { ...named('b'), spec: hooks('tcp_connect') })
    await untilListed('cluster enabled', 'n/b enabled', 'other enabled')
    server.set(namespacedPath, { ...named('b'), spec: { lists: ['x'.repeat(1000)] } })
    await until(() => /n\/b enabled .*in total/.test(listed().join()))
  })

  it('stay loaded while their next text is invalid, and show the error', async () => {
    server.set(clusterPath, policy('a'))
    await start()
    server.set(clusterPath, policy('a', { kprobes: 5 }))
    await until(() => /spec.kprobes/.test(listed().join()))
    assert.match(listed()[0], /^a enabled TracingPolicy a: error: .*\(spec.kprobes\)$/)
    assert.deepEqual(loader.names, ['a'])
    server.set(clusterPath, policy('a'))
    await untilListed('a enabled')
  })

  it('that disappeared unseen are removed by the next list', async () => {
    server.set(clusterPath, policy('gone'))
    server.set(clusterPath, policy('stays'))
    server.set(namespacedPath, { ...policy('gone'), metadata: { name: 'gone', namespace: 'n' } })
    await start()
    await until(() => server.watches(clusterPath) === 1)
    server.expire(clusterPath, policy('gone'))
    await untilListed('n/gone enabled', 'stays enabled')
    server.reset()
    server.set(clusterPath, policy('new'))
    await untilListed('n/gone enabled', 'new enabled', 'stays enabled')
  })

  it('change no more after the end', async () => {
    server.set(clusterPath, policy('a'))
    await start()
    source.close()
    watched.close()
    server.delete(clusterPath, policy('a'))
    await until(() => server.watches(clusterPath) + server.watches(namespacedPath) === 0)
    assert.deepEqual(listed(), ['a enabled'])
  })
})

describe('the start with the Kubernetes API', () => {
  it('does not wait for CRDs that are not installed; they are said once', async () => {
    server.misbehaviour.set(clusterPath, 404)
    server.misbehaviour.set(namespacedPath, 404)
    await start()
    const requests = server.requests.length
    await until(() => server.requests.length > requests + 4)
    assert.equal(log.length, 2)
    for (const line of log) assert.match(line, /^info .*tracingpolicies.*CRD/)
    server.set(clusterPath, policy('a'))
    server.misbehaviour.clear()
    await untilListed('a enabled')
  })

  it('does not wait for missing rights, and names them', async () => {
    server.misbehaviour.set(clusterPath, 403)
    await start()
    const rights = /^warning .*403.*needs the verbs list and watch on tracingpolicies.cilium.io/
    assert.match(log[0], rights)
    assert.equal(log.length, 1)
  })

  it('continues with the last known policies if the server does not respond', async () => {
    const ofOthers = { ...hooks('tcp_close'), nodeSelector: { matchLabels: { zone: 'b' } } }
    const namespaced = { ...policy('n'), metadata: { name: 'n', namespace: 'one' } }
    server.set(clusterPath, policy('deleted'))
    server.set(clusterPath, policy('edited'))
    server.set(clusterPath, policy('misspelt', { kprobes: 5 }))
    server.set(clusterPath, policy('other', ofOthers))
    server.set(namespacedPath, namespaced)
    await start()
    source.close()
    watched.close()
    const last = listed()
    for (const path of [nodePath, clusterPath, namespacedPath]) {
      server.misbehaviour.set(path, 'silent')
    }
    server.delete(clusterPath, policy('deleted'))
    server.set(clusterPath, policy('edited', hooks('tcp_close')))
    await startAgain(20)
    assert.deepEqual(listed(), last)
    assert.match(log.join(), /its last known policies are loaded/)
    // A state that is not complete does not replace the saved one.
    server.misbehaviour.delete(clusterPath)
    server.reset()
    const hook = () =>
      registry.list({ domain: 'k8s' }).find(({ name }) => name === 'edited')?.hook_statuses
    await until(() => hook()?.[0].hook_description === 'tcp_close (fentry)')
    assert.deepEqual(
      listed(),
      last.filter((line) => !line.startsWith('deleted ')),
    )
    server.misbehaviour.clear()
    server.delete(namespacedPath, namespaced)
    server.reset()
    await until(() => !listed().join().includes('one/n'))
  })

  it('ignores a file that cannot be read, and does not write a part of the state', async () => {
    const file = join(folder, 'saved.json')
    writeFileSync(file, '{')
    server.set(clusterPath, policy('a'))
    server.misbehaviour.set(namespacedPath, 'silent')
    await start(20)
    assert.match(log.join('\n'), /^warning read policies of the Kubernetes API \(.*JSON/m)
    await untilListed('a enabled')
    source.close()
    watched.close()
    assert.equal(readFileSync(file, 'utf8'), '{')
    server.misbehaviour.clear()
    await startAgain(60_000)
    source.close()
    watched.close()
    assert.deepEqual(readSaved(file), ['a'])
    assert.equal(statSync(file).mode & 0o777, 0o600)
  })

  it('continues without a server that does not respond, and loads its policies later', async () => {
    server.misbehaviour.set(nodePath, 'silent')
    server.misbehaviour.set(clusterPath, 'silent')
    server.set(clusterPath, policy('a'))
    await start(20)
    assert.deepEqual(listed(), [])
    assert.match(log.join(), /warning load policies of the Kubernetes API: no answer within 0.02 s/)
    server.misbehaviour.clear()
    server.reset()
    await untilListed('a enabled')
  })
})

describe('the start with many policies', () => {
  it('does not wait without limit; the others follow', async () => {
    server.set(clusterPath, policy('slow'))
    let resume = (): void => {}
    const gate = new Promise<void>((resolve) => {
      resume = resolve
    })
    loader.before = () => gate
    await start(60_000, undefined, 5)
    assert.match(log.join(), /warning load .*: not all are loaded after 0.005 s; the agent starts/)
    assert.deepEqual(loader.names, [])
    resume()
    await untilListed('slow enabled')
  })
})

describe('a nodeSelector', () => {
  const inZone = (zone: string) => ({
    ...hooks('tcp_close'),
    nodeSelector: { matchExpressions: [{ key: 'zone', operator: 'In', values: [zone] }] },
  })

  it('decides whether a policy is loaded, whenever the labels of the node change', async () => {
    server.set(clusterPath, policy('a', inZone('a')))
    server.set(clusterPath, policy('b', inZone('b')))
    server.set(clusterPath, policy('c'))
    await start()
    assert.deepEqual(listed(), ['a enabled', 'b skipped', 'c enabled'])
    server.set(nodePath, node({ zone: 'b' }))
    await untilListed('a skipped', 'b enabled', 'c enabled')
    assert.deepEqual(loader.names, ['b', 'c'])
    const id = { name: 'a', namespace: '', domain: 'k8s' }
    for (const enable of [true, false]) {
      const skipped = { code: 'refused', message: /nodeSelector does not match/ }
      await assert.rejects(registry.configure(id, { enable }), skipped)
    }
    server.set(clusterPath, policy('a'))
    await untilListed('a enabled', 'b enabled', 'c enabled')
    server.set(clusterPath, policy('a', inZone('a')))
    await untilListed('a skipped', 'b enabled', 'c enabled')
    server.delete(clusterPath, policy('a'))
    await untilListed('b enabled', 'c enabled')
  })

  it('keeps what clients have set', async () => {
    server.set(clusterPath, policy('a', inZone('a')))
    await start()
    await registry.configure({ name: 'a', namespace: '', domain: 'k8s' }, { enable: false })
    server.set(nodePath, node({ zone: 'b' }))
    await untilListed('a skipped')
    server.set(nodePath, node({ zone: 'a' }))
    await untilListed('a disabled')
  })

  it('matches until the labels of the node are known', async () => {
    server.misbehaviour.set(nodePath, 403)
    server.set(clusterPath, policy('b', inZone('b')))
    await start()
    assert.deepEqual(listed(), ['b enabled'])
    assert.match(log.join(), /verbs list and watch on nodes.*whatever their nodeSelector/)
    server.misbehaviour.clear()
    await untilListed('b skipped')
  })

  it('matches on a node that the API server does not have', async () => {
    server.delete(nodePath, node({}))
    server.set(clusterPath, policy('b', inZone('b')))
    await start()
    assert.deepEqual(listed(), ['b enabled'])
    assert.match(log.join(), /find node here: /)
  })
})

describe('detection rules in the Kubernetes API', () => {
  const rulePath = '/apis/cilium.io/v1alpha1/detectionrules'
  const reportPath = '/apis/cilium.io/v1alpha1/tracingpolicynodestatuses'
  const report = () => fields(server.get(reportPath, 'system/tetragon-x')?.status)
  const put = (name: string, generation: number, text: unknown, status?: object) =>
    server.set(rulePath, {
      metadata: { name, uid: name, generation },
      spec: { rules: text },
      ...(status && { status }),
    })
  const given = () => Object.fromEntries(givenRules.at(-1) ?? [])

  it('are given to the agent together, and reported like policies', async () => {
    put('good', 1, 'title: Good')
    put('bad', 1, 'title: Bad')
    put('large', 1, 'x'.repeat((1 << 19) + 1))
    ruleErrors.set('bad', ['3:5: no field "Imge" [RULE_UNKNOWN_FIELD]'])
    await start()
    await until(() => report().enabled === policyRef('good', 1))
    assert.deepEqual(given(), { good: 'title: Good', bad: 'title: Bad' })
    const errors = list(report().errors).map(fields)
    const bad = errors.find(({ policy }) => policy === policyRef('bad', 1))
    assert.equal(bad?.path, 'spec.rules:3:5')
    assert.equal(bad?.message, 'no field "Imge" [RULE_UNKNOWN_FIELD]')
    const large = errors.find(({ policy }) => policy === policyRef('large', 1))
    assert.equal(large?.message, 'too large: split the rules')
  })

  it('are given again when they change, but not for a new status', async () => {
    put('a', 1, 'title: A')
    put('odd', 1, { not: 'a text' })
    await start()
    await until(() => String(report().enabled).includes(policyRef('a', 1)))
    assert.deepEqual(given(), { a: 'title: A', odd: '' })
    const before = givenRules.length
    put('a', 1, 'title: A', { enabled: 1 })
    put('a', 2, 'title: B')
    await until(() => String(report().enabled).includes(policyRef('a', 2)))
    assert.equal(givenRules.length, before + 1)
    assert.deepEqual(given(), { a: 'title: B', odd: '' })
    server.delete(rulePath, server.get(rulePath, 'a')!)
    await until(() => !String(report().enabled).includes(policyRef('a', 2)))
    assert.deepEqual(given(), { odd: '' })
  })
})

describe('the report about policies in the Kubernetes API', () => {
  const reportPath = '/apis/cilium.io/v1alpha1/tracingpolicynodestatuses'
  const report = () => fields(server.get(reportPath, 'system/tetragon-x')?.status)
  const numbers = () => JSON.stringify(report().counts)
  const counted = (enabled: number, failed: number, skipped: number, disabled = 0) =>
    JSON.stringify({ enabled, failed, skipped, disabled })
  const put = (name: string, generation: number, spec: unknown) =>
    server.set(clusterPath, { metadata: { name, uid: name, generation }, spec })

  it('has their states, and the paths of errors', async () => {
    put('good', 1, hooks('tcp_connect'))
    put('bad', 1, { kprobes: [{ call: 'f', nonsense: 1 }] })
    put('elsewhere', 1, { ...hooks('g'), nodeSelector: { matchLabels: { zone: 'b' } } })
    await start()
    await until(() => numbers() === counted(1, 1, 1))
    assert.equal(report().enabled, policyRef('good', 1))
    const [error] = list(report().errors).map(fields)
    assert.equal(error.policy, policyRef('bad', 1))
    assert.equal(error.path, 'spec.kprobes[0].nonsense')
    assert.doesNotMatch(String(error.message), /TracingPolicy|spec\.kprobes/)
  })

  it('is about the newest generation, also when an edit has a mistake', async () => {
    put('p', 1, hooks('tcp_connect'))
    await start()
    await until(() => numbers() === counted(1, 0, 0))
    put('p', 2, { kprobes: [{ call: 'f', nonsense: 1 }] })
    await until(() => report().failed === policyRef('p', 2))
    assert.deepEqual(listed()[0].split(' ').slice(0, 2), ['p', 'enabled'], 'the old one stays')
    put('p', 3, hooks('tcp_close'))
    await until(() => report().enabled === policyRef('p', 3))
    assert.equal(numbers(), counted(1, 0, 0))
    server.delete(clusterPath, policy('p'))
    await until(() => numbers() === counted(0, 0, 0))
  })

  it('follows what clients do, and is not written for a new status', async () => {
    put('p', 1, hooks('tcp_connect'))
    await start()
    await until(() => numbers() === counted(1, 0, 0))
    let steps = 0
    loader.fails = () => ++steps < 0
    const writes = server.writes(reportPath).length
    for (let i = 0; i < 5; i++) {
      const stored = server.get(clusterPath, 'p')!
      server.set(clusterPath, { ...stored, status: { nodes: 1, enabled: i } })
    }
    await sleep(30)
    assert.equal(server.writes(reportPath).length, writes)
    assert.equal(steps, 0)
    await registry.configure({ name: 'p', namespace: '', domain: 'k8s' }, { enable: false })
    await until(() => numbers() === counted(0, 0, 0, 1))
  })
})
