import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { runTetra } from '../../testing/run-tetra.ts'
import { TestAgent } from '../../testing/test-agent.ts'

const folder = mkdtempSync(join(tmpdir(), 'tetra-policyfilter-'))
let agent: TestAgent
before(async () => {
  agent = await TestAgent.start(join(folder, 'agent.sock'))
})
beforeEach(() => {
  agent.reset()
  agent.answer('GetWorkloads', { policies, workloads })
})
after(async () => {
  await agent.stop()
  rmSync(folder, { recursive: true })
})

const condition = (key: string, operator: string, ...values: string[]) => ({
  conditions: [{ key, operator, values }],
})
const policies = [
  { name: 'all', domain: 'grpc' },
  {
    name: 'web',
    domain: 'k8s',
    selectors: [{ path: 'spec', set: 0, pods: condition('app', 'In', 'web'), host: true }],
  },
  {
    name: 'team',
    namespace: 'team',
    domain: 'k8s',
    selectors: [
      { path: 'spec', set: 1, namespace: 'team' },
      { path: 'spec.kprobes[0].selectors[1]', set: 2, containers: condition('name', 'NotIn', 'c') },
    ],
  },
]
const id = 'a'.repeat(64)
const workloads = [
  {
    state: 'pod',
    namespace: 'default',
    pod: 'x\x1b',
    container: 'c',
    container_id: id,
    labels: { app: 'web' },
    labels_known: true,
    sets: [0],
  },
  {
    state: 'pod',
    namespace: 'team',
    pod: 'y',
    container_id: 'b'.repeat(64),
    sets: [1, 2],
    unknown_sets: [0],
  },
  { state: 'outside', container_id: 'c'.repeat(64), sets: [0] },
]

const run = (...argv: string[]) =>
  runTetra(['policyfilter', ...argv, '--server-address', `unix://${agent.path}`])
const cells = (out: string) => out.split('\n').map((line) => line.trim().split(/ {3,}/))

describe('policyfilter', () => {
  it('shows the policies of a pod, with the reasons', async () => {
    const { out, err, code } = await run('listpolicies', 'default/x\x1b')
    assert.deepEqual([err, code], ['', 0])
    const selector = 'spec.kprobes[0].selectors[1]'
    assert.deepEqual(cells(out), [
      ['CONTAINER', 'POLICY', 'NAMESPACE', 'DOMAIN', 'SELECTOR', 'APPLIES', 'WHY'],
      ['c', 'all', '(global)', 'grpc', 'spec', 'yes', 'it applies to all processes'],
      ['c', 'web', '(global)', 'k8s', 'spec', 'yes', 'pod label app=web'],
      ['c', 'team', 'team', 'k8s', 'spec', 'no', 'namespace default'],
      ['c', 'team', 'team', 'k8s', selector, 'no', 'container name=c (NotIn c)'],
      [''],
    ])
    const { out: json } = await run('listpolicies', 'y', '-o', 'json')
    assert.deepEqual(JSON.parse(json.split('\n')[1]), {
      policy: 'web',
      policyNamespace: '',
      domain: 'k8s',
      selector: 'spec',
      namespace: 'team',
      pod: 'y',
      container: '',
      containerId: 'b'.repeat(64),
      answer: 'unknown',
      reasons: ['the labels of the pod are not known yet'],
    })
  })

  it('shows the policies of a container by its id', async () => {
    const { out } = await run('listpolicies', 'cccccccccccc')
    assert.deepEqual(cells(out).slice(2, 4), [
      ['cccccccccccc', 'web', '(global)', 'k8s', 'spec', 'yes', 'it belongs to no pod'],
      ['cccccccccccc', 'team', 'team', 'k8s', 'spec', 'no', 'it belongs to no pod'],
    ])
    const { err, code } = await run('listpolicies', 'none')
    assert.match(err, /^tetra: find none: no such pod or container is known/)
    assert.equal(code, 1)
  })

  it('shows the pods of a policy', async () => {
    const { out } = await run('listpods', 'web')
    assert.deepEqual(cells(out), [
      ['NAMESPACE', 'POD', 'CONTAINER', 'SELECTOR', 'SELECTED', 'WHY'],
      ['default', 'x\\x1b', 'c', 'spec', 'yes', 'pod label app=web'],
      ['team', 'y', 'spec', 'unknown', 'the labels of the pod are not known yet'],
      ['(cccccccccccc)', 'spec', 'yes', 'it belongs to no pod'],
      ['processes outside of pods are selected'],
      [''],
    ])
    const ofTeam = cells((await run('listpods', 'team', '-n', 'team', '--all')).out)
    assert.equal(ofTeam.length, 8)
    assert.deepEqual(ofTeam[1], ['default', 'x\\x1b', 'c', 'spec', 'no', 'namespace default'])
    assert.match((await run('listpods', 'team')).err, /find policy team: no agent has enabled it/)
  })

  it('says that a policy applies to all', async () => {
    agent.answer('GetWorkloads', { policies })
    assert.equal((await run('listpods', 'all')).out, 'the policy applies to all processes\n')
    const { out } = await run('listpods', 'team', '-n', 'team')
    assert.equal(out, 'no container is selected\n')
  })
})
