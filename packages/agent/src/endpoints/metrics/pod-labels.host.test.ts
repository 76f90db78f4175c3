import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { RunningAgent } from '../../testing/index.ts'
import { bundlesOfContainerd, writeBundle, xwing } from '../../workloads/testing/bundles.ts'
import { groupsMount } from '../../workloads/testing/groups-mount.ts'
import { metricsUrl, scrape, sumOf } from './testing/scrape.ts'

const mount = groupsMount()
const binary = '/bin/true'

describe('metrics of events in pods', { skip: !mount && 'no cgroup mount' }, () => {
  const top = join(mount ?? '', `tetragon-test-pod-labels-${process.pid}`)
  const cleanUps: (() => void)[] = [() => rmdirSync(top)]
  let agent: RunningAgent
  before(async () => {
    mkdirSync(top)
    agent = await RunningAgent.start('--metrics-server', '127.0.0.1:0')
  })
  after(async () => {
    await agent.remove()
    for (const cleanUp of cleanUps.reverse()) cleanUp()
  })

  /** Runs a program in a container with these annotations. */
  async function runIn(annotations: Readonly<Record<string, string>>): Promise<void> {
    const id = randomBytes(32).toString('hex')
    cleanUps.push(writeBundle(`/${bundlesOfContainerd}`, id, annotations))
    const group = join(top, id)
    mkdirSync(group)
    cleanUps.push(() => rmdirSync(group))
    const script = `echo 0 > ${group}/cgroup.procs; exec ${binary} ${id}`
    assert.equal(spawnSync('/bin/sh', ['-c', script], { stdio: 'ignore' }).status, 0)
    await agent.waitFor(({ kind, process }) => kind === 'exit' && process.arguments === id)
  }

  const count = async (labels: Readonly<Record<string, string>>): Promise<number> =>
    sumOf(await scrape(await metricsUrl(agent)), 'tetragon_events_total', labels)

  it('have the namespace and the pod, for all of its containers', async () => {
    await runIn(xwing)
    await runIn(xwing)
    const pod = { namespace: 'default', pod: 'xwing', binary }
    assert.equal(await count({ ...pod, type: 'PROCESS_EXEC' }), 2)
    assert.equal(await count({ ...pod, type: 'PROCESS_EXIT' }), 2)
  })

  it('have names as they are, whatever they are', async () => {
    const namespace = 'a",pod="b'
    const name = '\\"}#\\n\\'
    await runIn({
      ...xwing,
      'io.kubernetes.cri.sandbox-namespace': namespace,
      'io.kubernetes.cri.sandbox-name': name,
    })
    assert.equal(await count({ namespace, pod: name, binary, type: 'PROCESS_EXEC' }), 1)
  })
})
