import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Container } from '@tetragon-ts/api'
import { makeTestFolder, type ObservedEvent, RunningAgent } from '../testing/index.ts'
import { writeBundle, xwing } from './testing/bundles.ts'
import { PrivateFolders, removeGroups } from './testing/private-folders.ts'

const busybox = '/bin/busybox'
/** Relative to this compiled file. */
const tetraProgram = fileURLToPath(new URL('../../../tetra/bin/tetra.js', import.meta.url))
const lacks = (program: string) => spawnSync(program, ['--version']).error?.message
const top = `tetragon-test-runtimes-${process.pid}`

describe('containers of other runtimes', { skip: !existsSync(busybox) && 'no busybox' }, () => {
  let folder: string
  let archive: string
  let machine: PrivateFolders
  let agent: RunningAgent
  before(async () => {
    folder = makeTestFolder()
    mkdirSync(join(folder, 'root/bin'), { recursive: true })
    mkdirSync(join(folder, 'root/proc'))
    copyFileSync(busybox, join(folder, 'root/bin/busybox'))
    archive = join(folder, 'root.tar')
    assert.equal(spawnSync('tar', ['-C', join(folder, 'root'), '-cf', archive, '.']).status, 0)
    machine = await PrivateFolders.create()
    agent = RunningAgent.launchBy(machine.starter)
    await agent.ready()
  })
  after(async () => {
    await agent.remove()
    await machine.end()
    removeGroups(top)
    rmSync(folder, { recursive: true, force: true })
  })

  const command = (mark: string) => [busybox, 'true', mark]

  const hasArguments = (words: string) => {
    return ({ process: p }: { process: { binary?: string; arguments?: string } }) =>
      p.binary === busybox && p.arguments === words
  }

  /** Checks the container of all events of a command. @returns its id */
  async function checkContainer(words: string, expected: Partial<Container>): Promise<string> {
    const isOurs = hasArguments(words)
    await agent.waitFor((event) => event.kind === 'exit' && isOurs(event))
    const events = (await agent.events()).filter(isOurs)
    assert.deepEqual(events.map(({ kind }) => kind).sort(), ['exec', 'exit'])
    for (const { process: found } of events) {
      const { id = '', start_time = '', pid, ...rest } = found.container ?? {}
      const { id: imageId = '', ...image } = rest.image ?? {}
      assert.deepEqual({ ...rest, image }, expected)
      assert.match(imageId, /^(?:sha256:)?[0-9a-f]{64}$/)
      assert.ok(Math.abs(Date.parse(start_time) - Date.now()) < 3_600_000)
      assert.equal(pid, 1)
      assert.equal(found.pod, undefined)
      assert.equal(found.docker, id.split('//')[1].slice(0, 31))
    }
    return events[0].process.container?.id ?? ''
  }

  describe('of Podman', { skip: lacks('podman') ?? lacks('runc') ?? false }, () => {
    const own = ['--runtime', 'runc', '--cgroup-manager', 'cgroupfs', '--events-backend', 'none']
    const env: Record<string, string> = { PODMAN_IGNORE_CGROUPSV1_WARNING: '1' }
    const podman = (...words: string[]) => machine.run(['podman', ...own, ...words], env)
    const image = { name: 'localhost/demo:1' }
    const options = ['--network', 'none', '--cgroup-parent', `/${top}`, '--name']
    before(() => {
      // By default locks are in /dev/shm, which other users of Podman share.
      env.CONTAINERS_CONF_OVERRIDE = join(folder, 'containers.conf')
      writeFileSync(env.CONTAINERS_CONF_OVERRIDE, '[engine]\nlock_type = "file"\n')
      podman('import', archive, image.name)
    })

    it('have a name and an image', async () => {
      // Podman forgets it when it ends: it runs until the agent has seen it.
      const waiting = ['tail', '-F', 'volatile']
      podman('run', '--rm', '--detach', ...options, 'xwing', image.name, busybox, ...waiting)
      await agent.waitFor(hasArguments(waiting.join(' ')))
      podman('stop', '--time', '0', 'xwing')
      podman('run', ...options, 'tiefighter', image.name, ...command('stored'))
      const id = podman('inspect', '--format', '{{.Id}}', 'tiefighter').trim()
      await checkContainer(waiting.join(' '), { name: 'xwing', image })
      assert.equal(
        await checkContainer('true stored', { name: 'tiefighter', image }),
        `podman://${id}`,
      )
    })

    it('have labels if the service of Podman answers', async () => {
      const socket = '/run/podman/podman.sock'
      machine.run(['mkdir', '/run/podman'])
      const serve = ['podman', ...own, 'system', 'service', '--time', '0', `unix://${socket}`]
      const [program, ...words] = [...machine.starter, ...serve]
      const service = spawn(program, words, { stdio: 'ignore', env: { ...process.env, ...env } })
      try {
        while (!existsSync(machine.outside(socket))) await sleep(20)
        const labels = ['--label', 'app=deathstar', '--label', 'weird="\n']
        const run = ['run', '--rm', '--detach', ...labels, ...options, 'deathstar', image.name]
        podman(...run, busybox, 'sleep', '3600')
        let found: Container | undefined
        for (let i = 0; found?.labels === undefined; i++) {
          podman('exec', 'deathstar', ...command(`labels-${i}`))
          const isOurs = ({ process: p }: ObservedEvent) => p.arguments === `true labels-${i}`
          found = (await agent.waitFor(isOurs)).process.container
        }
        assert.deepEqual(found.labels, { app: 'deathstar', weird: '"\n' })
        assert.equal(found.name, 'deathstar')
        podman('stop', '--time', '0', 'deathstar')
      } finally {
        service.kill()
        await once(service, 'exit')
      }
    })
  })

  it('of pods have the pod that a hook of their runtime reports', {
    skip: lacks('runc') ?? false,
  }, async () => {
    const id = randomBytes(32).toString('hex')
    const bundle = join(folder, 'bundle')
    const address = await agent.serving()
    const annotations = Object.entries(xwing).flatMap(([name, value]) => {
      return ['--annotations', `${name}=${value}`]
    })
    const report = ['rthooks', 'create-container', '--container-id', id, ...annotations]
    const args = ['node', tetraProgram, ...report, '--server-address', address]
    writeBundle(
      folder,
      'bundle',
      {},
      {
        process: { user: { uid: 0, gid: 0 }, args: command('hooked'), env: [], cwd: '/' },
        root: { path: join(folder, 'root'), readonly: true },
        mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
        hooks: { createRuntime: [{ path: process.execPath, args }] },
        linux: { cgroupsPath: `/${top}/${id}`, namespaces: [{ type: 'pid' }, { type: 'mount' }] },
      },
    )
    const runc = ['runc', '--root', join(folder, 'state'), 'run', '--bundle', bundle, id]
    const { status, stderr } = spawnSync(runc[0], runc.slice(1), {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    assert.equal(status, 0, stderr.toString())
    const isOurs = ({ process: p }: ObservedEvent) => p.arguments === 'true hooked'
    await agent.waitFor((event) => event.kind === 'exit' && isOurs(event))
    const events = (await agent.events()).filter(isOurs)
    assert.deepEqual(
      events.map(
        ({ process: { pod } }) => `${pod?.name} ${pod?.container?.name} ${pod?.container?.id}`,
      ),
      Array(2).fill(`xwing spaceship containerd://${id}`),
    )
  })

  describe('of Docker', { skip: lacks('dockerd') ?? false }, () => {
    let daemon: ChildProcess
    let messages = ''
    before(async () => {
      const [program, ...words] = [...machine.starter, 'dockerd', '--host', 'unix:///run/test.sock']
      const off = ['--bridge=none', '--iptables=false', '--ip-forward=false', '--ip-masq=false']
      const own = ['--storage-driver', 'vfs', '--pidfile', '/run/test.pid']
      daemon = spawn(program, [...words, ...off, ...own], { stdio: ['ignore', 'ignore', 'pipe'] })
      daemon.stderr?.on('data', (text: Buffer) => {
        messages += text.toString()
      })
      while (!messages.includes('API listen on')) {
        assert.equal(daemon.exitCode, null, messages)
        await sleep(20)
      }
    })
    after(async () => {
      daemon.kill()
      await once(daemon, 'exit')
    })

    /** Calls the API of the daemon. */
    async function call(method: string, path: string, type = '', body: string | Buffer = '') {
      const options = { method, path, headers: type === '' ? {} : { 'content-type': type } }
      const sent = request({ ...options, socketPath: machine.outside('/run/test.sock') }).end(body)
      const [response] = await once(sent, 'response')
      const text = Buffer.concat(await response.toArray()).toString()
      assert.ok(response.statusCode < 300, `${method} ${path}: ${text}`)
      return text
    }

    it('have a name, an image and labels', async () => {
      const tar = 'application/x-tar'
      await call('POST', '/images/create?fromSrc=-&repo=demo&tag=1', tar, readFileSync(archive))
      const Labels = { app: 'xwing', 'weird/"ü': '\n' }
      const wanted = {
        Image: 'demo:1',
        Cmd: command('docker'),
        Labels,
        NetworkDisabled: true,
        HostConfig: { NetworkMode: 'none', CgroupParent: `/${top}` },
      }
      const json = 'application/json'
      const made = await call('POST', '/containers/create?name=xwing', json, JSON.stringify(wanted))
      const { Id: id } = JSON.parse(made)
      await call('POST', `/containers/${id}/start`)
      await call('POST', `/containers/${id}/wait`)
      const image = { name: 'demo:1' }
      const found = await checkContainer('true docker', { name: 'xwing', image, labels: Labels })
      assert.equal(found, `docker://${id}`)
    })
  })
})
