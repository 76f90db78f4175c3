import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { GetEventsResponse, Pod } from '@tetragon-ts/api'
import { makeTestFolder, type ObservedEvent, only, RunningAgent } from '../testing/index.ts'
import { bundlesOfContainerd, writeBundle, xwing, xwingSandbox } from './testing/bundles.ts'
import { groupsMount } from './testing/groups-mount.ts'
import { removeGroups } from './testing/private-folders.ts'

const busybox = '/bin/busybox'
const mount = groupsMount()
const noRunc = spawnSync('runc', ['--version']).error?.message
const uid = xwing['io.kubernetes.cri.sandbox-uid']
const newId = (): string => randomBytes(32).toString('hex')
const host = `/${bundlesOfContainerd}`

describe('processes of pods', { skip: !mount && 'no cgroup mount' }, () => {
  const top = `tetragon-test-pods-${process.pid}`
  const groups: string[] = []
  const cleanUps: (() => void)[] = []
  let folder: string
  let agent: RunningAgent
  before(async () => {
    folder = makeTestFolder()
    agent = await RunningAgent.start()
  })
  afterEach(() => {
    for (const cleanUp of cleanUps.splice(0)) cleanUp()
  })
  after(async () => {
    await agent.remove()
    for (const group of groups.reverse()) rmdirSync(group)
    // runc creates groups in all hierarchies.
    removeGroups(top)
    rmSync(folder, { recursive: true, force: true })
  })

  /** The control group of a container, as created by the kubelet and containerd. */
  function makeGroup(id: string): string {
    let path = mount ?? ''
    for (const name of [top, 'kubepods', 'burstable', `pod${uid}`, id]) {
      path = join(path, name)
      if (existsSync(path)) continue
      mkdirSync(path)
      groups.push(path)
    }
    return path
  }

  /** Runs the first program of a group. @returns its events */
  async function runFirst(id: string, mark: string): Promise<ObservedEvent[]> {
    const script = `echo 0 > ${makeGroup(id)}/cgroup.procs; exec /bin/true ${mark}`
    assert.equal(spawnSync('/bin/sh', ['-c', script], { stdio: 'ignore' }).status, 0)
    return (await agent.events()).filter((event) => event.process.arguments === mark)
  }

  it('have it from their first event', async () => {
    const id = newId()
    cleanUps.push(writeBundle(host, id, xwing))
    const events = await runFirst(id, 'first')
    for (const event of [only(events, 'exec'), only(events, 'exit')]) {
      const { container, ...pod } = event.process.pod ?? {}
      assert.deepEqual(pod, { namespace: 'default', name: 'xwing', uid })
      const { start_time, ...named } = container ?? {}
      assert.deepEqual(named, {
        id: `containerd://${id}`,
        name: 'spaceship',
        image: { name: 'quay.io/cilium/alpine-curl:v1.5.0' },
      })
      assert.ok(Math.abs(Date.parse(start_time ?? '') - Date.now()) < 3_600_000)
      assert.match(event.compact, / default\/xwing \/bin\/true/)
      assert.equal(event.process.docker, id.slice(0, 31))
    }
    // The shell was there before it entered the group.
    assert.equal(only(events, 'exec').parent?.pod, undefined)
  })

  it('have no container in the sandbox', async () => {
    const id = newId()
    cleanUps.push(writeBundle(host, id, xwingSandbox))
    const { pod } = only(await runFirst(id, 'sandbox'), 'exec').process
    assert.deepEqual(pod, { namespace: 'default', name: 'xwing', uid })
  })

  it('have none without a bundle, and with one that is no file', async () => {
    assert.equal(only(await runFirst(newId(), 'missing'), 'exec').process.pod, undefined)
    const id = newId()
    const remove = writeBundle(host, id, xwing)
    cleanUps.push(remove)
    const path = join(host, id, 'config.json')
    rmSync(path)
    assert.equal(spawnSync('mkfifo', [path]).status, 0)
    const { pod, docker } = only(await runFirst(id, 'fifo'), 'exec').process
    assert.equal(pod, undefined)
    assert.equal(docker, id.slice(0, 31))
  })

  it('have it with any state folder of the shim', async () => {
    const [id, sandbox] = [newId(), newId()]
    const state = join(folder, 'k8s.io')
    writeBundle(state, sandbox, xwingSandbox)
    writeBundle(state, id, xwing)
    const shim = join(folder, 'containerd-shim-runc-v2')
    const script = `echo 0 > ${makeGroup(id)}/cgroup.procs; exec /bin/true shim`
    writeFileSync(shim, `#!/bin/sh\n/bin/sh -c '${script}'\nread end\n`)
    chmodSync(shim, 0o755)
    // Like the real one, it outlives its containers.
    const child = spawn(shim, { stdio: ['pipe', 'ignore', 'ignore'], cwd: join(state, sandbox) })
    try {
      const { process: first } = await agent.waitFor(({ process: p }) => p.arguments === 'shim')
      assert.equal(first.pod?.container?.name, 'spaceship')
    } finally {
      child.stdin.end()
      await once(child, 'exit')
    }
  })

  it('have it in a container of runc', { skip: noRunc ?? !existsSync(busybox) }, async () => {
    const id = newId()
    const rootfs = join(folder, 'rootfs')
    mkdirSync(join(rootfs, 'bin'), { recursive: true })
    mkdirSync(join(rootfs, 'proc'))
    copyFileSync(busybox, join(rootfs, 'bin/busybox'))
    chmodSync(join(rootfs, 'bin/busybox'), 0o755)
    makeGroup(id)
    cleanUps.push(
      writeBundle(host, id, xwing, {
        process: {
          user: { uid: 0, gid: 0 },
          args: ['/bin/busybox', 'sh', '-c', 'busybox true inside; exit 3'],
          env: ['PATH=/bin'],
          cwd: '/',
        },
        root: { path: rootfs, readonly: true },
        mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
        linux: {
          cgroupsPath: `/${top}/kubepods/burstable/pod${uid}/${id}`,
          namespaces: ['pid', 'ipc', 'uts', 'mount', 'network'].map((type) => ({ type })),
        },
      }),
    )
    const args = ['--root', join(folder, 'state'), 'run', '--bundle', join(host, id), id]
    const { status, stderr } = spawnSync('runc', args, { stdio: ['ignore', 'ignore', 'pipe'] })
    assert.equal(status, 3, stderr.toString())
    // It removes the group of its container.
    groups.splice(groups.indexOf(join(mount ?? '', top, `kubepods/burstable/pod${uid}`, id)), 1)
    const all = (await agent.events()).filter((event) => event.process.docker === id.slice(0, 31))
    assert.ok(all.length >= 4)
    assert.deepEqual([...new Set(all.map(({ process: p }) => p.pod?.name))], ['xwing'])
    const init = all.find(({ process: p }) => p.arguments?.startsWith('sh -c "busybox'))
    assert.equal(init?.process.pod?.container?.pid, 1)
    const inside = all.find(({ process: p }) => p.arguments === 'true inside')
    assert.ok((inside?.process.pod?.container?.pid ?? 0) > 1)
    assert.equal(inside?.parent?.pod?.container?.pid, 1)
  })

  it('have the facts of the API server, and no event waits for them', async () => {
    const id = newId()
    cleanUps.push(writeBundle(host, id, xwing))
    const labels = { class: 'xwing' }
    const probe = { livenessProbe: { exec: { command: ['/bin/true', 'health'] } } }
    const pod = {
      metadata: { uid, namespace: 'default', name: 'xwing', labels },
      spec: { containers: [{ name: 'spaceship', ...probe }] },
    }
    const pods = { metadata: { resourceVersion: '1' }, items: [pod] }
    let nodeLabels: GetEventsResponse['node_labels']
    let isOpen = false
    let lists = 0
    const own = { metadata: { name: 'node-of-test', labels: { zone: 'a' } } }
    const node = { metadata: { resourceVersion: '1' }, items: [own] }
    const server = createServer(({ url = '' }, response) => {
      if (url.startsWith('/api/v1/nodes?')) {
        assert.match(url, /\?fieldSelector=metadata.name%3Dnode-of-test&/)
        return url.includes('&watch=1') ? response.write('\n') : response.end(JSON.stringify(node))
      }
      assert.match(url, /^\/api\/v1\/pods\?fieldSelector=spec.nodeName%3Dnode-of-test&/)
      if (!isOpen) return response.writeHead(503).end()
      if (url.includes('&watch=1')) return response.write('\n')
      lists++
      response.end(JSON.stringify(pods))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const kubeconfig = join(folder, 'kubeconfig')
    writeFileSync(
      kubeconfig,
      `{current-context: a, contexts: [{name: a, context: {cluster: a, user: a}}],
        users: [{name: a, user: {}}], clusters: [{name: a, cluster: {server: '${address}'}}]}`,
    )
    const start = [
      ...['--enable-k8s-api', '--enable-tracing-policy-crd=false'],
      ...['--k8s-kubeconfig-path', kubeconfig],
    ]
    const starter = ['/usr/bin/env', 'NODE_NAME=node-of-test']
    const child = RunningAgent.launchBy(starter, start)
    try {
      await child.ready()
      const run = async (mark: string) => {
        const script = `echo 0 > ${makeGroup(id)}/cgroup.procs; exec /bin/true ${mark}`
        spawnSync('/bin/sh', ['-c', script], { stdio: 'ignore' })
        const event = await child.waitFor(({ process: p }) => p.arguments === mark)
        nodeLabels = (JSON.parse(event.line) as GetEventsResponse).node_labels
        return event.process.pod
      }
      const early = await run('early')
      assert.equal(early?.name, 'xwing')
      assert.equal(early.pod_labels, undefined)
      while (!/watch pods in the API server: 503/.test(child.stderr)) await sleep(10)
      isOpen = true
      // The agent asks again after some seconds; processes in between would slow it down.
      while (lists === 0) await sleep(100)
      let later: Pod | undefined = early
      while (later?.workload === undefined)
        later = await run(`mark-${randomBytes(4).toString('hex')}`)
      assert.deepEqual(later.pod_labels, labels)
      assert.equal(later.workload_kind, 'Pod')
      assert.deepEqual(nodeLabels, { zone: 'a' })
      assert.equal(later.container?.maybe_exec_probe, undefined)
      assert.equal((await run('health'))?.container?.maybe_exec_probe, true)
    } finally {
      await child.remove()
      server.closeAllConnections()
      server.close()
    }
  })

  it('have it if they already run', async () => {
    const id = newId()
    cleanUps.push(writeBundle(host, id, xwing))
    const script = `echo 0 > ${makeGroup(id)}/cgroup.procs; exec sleep 1000`
    const start = `/bin/sh -c '${script}' >/dev/null 2>&1 & echo $!`
    const pid = Number(spawnSync('/bin/sh', ['-c', start]).stdout.toString())
    try {
      await agent.waitFor(({ process: p }) => p.pid === pid && p.arguments === '1000')
      const later = await RunningAgent.start()
      try {
        const found = (await later.eventsOf(pid)).find(({ kind }) => kind === 'exec')
        assert.equal(found?.process.pod?.name, 'xwing')
      } finally {
        await later.remove()
      }
    } finally {
      process.kill(pid)
      await agent.waitFor((event) => event.kind === 'exit' && event.process.pid === pid)
    }
  })
})
