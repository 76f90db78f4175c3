// The tests are steps: they use the chart, the pod and the rule of those before. Starts the chart
// once, with the rules of the library of level medium or above.

import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ProgramResult } from '@tetragon-ts/test/archives'
import { demoImage } from './images/cluster-images.ts'
import { inSystem, installAgent, sharedCluster } from './installation.ts'
import { exportEverything, nodeEvents, processOf, type ScenarioEvent } from './scenarios/events.ts'

const cluster = sharedCluster()

type FoundEvent = ScenarioEvent & {
  readonly findings?: readonly { readonly title: string; readonly level: string }[]
}

/** The object of a rule about processes. */
function ruleObject(name: string, detection: string): object {
  const rules = `title: Rule ${name}
level: high
logsource: { product: linux, category: process_creation }
detection:
  s: { ${detection} }
  condition: s
`
  return {
    apiVersion: 'cilium.io/v1alpha1',
    kind: 'DetectionRule',
    metadata: { name },
    spec: { rules },
  }
}

/** Runs `kubectl apply`; any exit code is accepted. */
async function tryApply(object: object): Promise<ProgramResult> {
  const file = join(cluster.folder, 'rule.json')
  await writeFile(file, JSON.stringify(object))
  return cluster.tryKubectl(['apply', '-f', file])
}

/** Runs a program in the pod. @returns its exec event, and the titles of the findings in it */
async function execute(...command: readonly string[]) {
  await cluster.kubectl('exec', 'demo', '--', ...command)
  const words = command.slice(1).join(' ')
  let event: FoundEvent | undefined
  await cluster.waitFor(`the event of ${words}`, async () => {
    event = (await nodeEvents(cluster)).find(({ process_exec }) => {
      const { binary, arguments: text } = process_exec?.process ?? {}
      return binary === command[0] && text === words
    })
    return event !== undefined
  })
  const { findings = [] } = event!
  return {
    pod: processOf(event!)?.pod,
    findings: findings.map(({ title, level }) => [title, level]),
  }
}

test('rules of the library have the level that the chart sets', async () => {
  const values = join(cluster.folder, 'values.json')
  const tetragon = { ...exportEverything, libraryRules: 'medium' }
  await writeFile(values, JSON.stringify({ tetragon }))
  const containers = [{ name: 'demo', image: demoImage, command: ['/bin/sleep', '3600'] }]
  const spec = { terminationGracePeriodSeconds: 0, containers }
  await cluster.apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'demo' }, spec })
  await installAgent(cluster, '-f', values)
  await cluster.kubectl('rollout', 'status', ...inSystem, 'deploy/tetragon-operator')
  // Events wait for the rules, but not without limit.
  await cluster.waitFor('the rules are in force', async () => {
    const tetra = ['exec', ...inSystem, 'ds/tetragon', '-c', 'tetragon', '--', 'tetra']
    const { stdout } = await cluster.tryKubectl([...tetra, 'rules', 'status'])
    return /^\d+ rules in force$/m.test(stdout)
  })
  await cluster.kubectl('wait', 'pod/demo', '--for=condition=Ready', '--timeout=240s')
  const copy = 'mkdir /tmp/.x; cp /bin/busybox /tmp/echo; cp /bin/busybox /tmp/.x/echo'
  await cluster.kubectl('exec', 'demo', '--', '/bin/sh', '-c', copy)
  const low = await execute('/tmp/echo', 'low')
  assert.deepEqual(low.findings, [])
  const medium = await execute('/tmp/.x/echo', 'medium')
  assert.deepEqual(medium.findings, [
    ['Program started from a hidden folder or shared memory', 'medium'],
  ])
})

test('a DetectionRule is in force on each node, and its findings have the pod', async () => {
  await cluster.apply(ruleObject('words', 'CommandLine|contains: seen-by-words'))
  await cluster.waitFor('the rule is enabled on the node', async () => {
    const rule = JSON.parse(await cluster.kubectl('get', 'detectionrule', 'words', '-o', 'json'))
    const { nodes, enabled, failed } = rule.status ?? {}
    return nodes === 1 && enabled === 1 && failed === 0
  })
  const { pod, findings } = await execute('/bin/echo', 'seen-by-words', '1')
  assert.deepEqual(findings, [['Rule words', 'high']])
  assert.deepEqual([pod?.namespace, pod?.name, pod?.container?.name], ['default', 'demo', 'demo'])
})

test('kubectl apply refuses a broken rule, with line and column', async () => {
  const object = ruleObject('broken', 'Imge: /bin/sh')
  let refusal: ProgramResult | undefined
  // A busy machine may not have checked it in time.
  await cluster.waitFor('a check of the rule', async () => {
    await cluster.tryKubectl(['delete', 'detectionrule', 'broken'])
    refusal = await tryApply(object)
    return !refusal.stderr.includes('were not validated')
  })
  assert.equal(refusal?.exitCode, 1)
  assert.match(refusal.stderr, /spec\.rules:5:8: error: process_creation has no field "Imge"/)
  assert.equal((await cluster.tryKubectl(['get', 'detectionrule', 'broken'])).exitCode, 1)
})

test('a changed rule replaces the old one, and a deleted rule finds nothing', async () => {
  const found = async (...words: readonly string[]) =>
    (await execute('/bin/echo', ...words)).findings.length
  await cluster.apply(ruleObject('words', 'CommandLine|contains: seen-after-change'))
  let attempts = 0
  await cluster.waitFor('the changed rule', async () => {
    return (await found('seen-after-change', String(attempts++))) === 1
  })
  assert.equal(await found('seen-by-words', '2'), 0)
  await cluster.kubectl('delete', 'detectionrule', 'words')
  await cluster.waitFor('the end of the rule', async () => {
    return (await found('seen-after-change', String(attempts++))) === 0
  })
})
