import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { TestClient } from '@tetragon-ts/agent/testing/client'
import { KeptPrograms } from './kept-programs.ts'

describe('programs that outlive the agent', () => {
  let kept: KeptPrograms
  before(async () => {
    kept = await KeptPrograms.prepare()
    kept.forbid(['cgroup'])
  })
  afterEach(() => kept.reset())
  after(() => kept?.remove())
  const passes = async () => (await kept.effectsOf('cgroup', 10)) === 10

  it('end with the policy, whether or not the pins still exist', async () => {
    const agent = await kept.begin('--keep-sensors-on-exit')
    const client = new TestClient((await agent.serving()).replace('unix://', 'unix:'))
    try {
      const yaml = kept.policyFor('cgroup')
      await client.call('AddTracingPolicy', { yaml })
      assert.ok(!(await passes()))
      await client.call('DeleteTracingPolicy', { name: 'prevents-cgroup', domain: 'grpc' })
      assert.ok(await passes())
      await client.call('AddTracingPolicy', { yaml })
      rmSync(kept.pins, { recursive: true })
      await client.call('DeleteTracingPolicy', { name: 'prevents-cgroup', domain: 'grpc' })
      assert.ok(await passes())
      await agent.stop('SIGKILL')
      assert.ok(await passes())
    } finally {
      client.close()
    }
  })

  it('wait for the next agent at a restart, and end with an agent that is stopped', async () => {
    const restart = () => kept.protect('--keep-sensors-on-restart')
    await (await restart()).stop('SIGQUIT')
    assert.ok(!(await passes()))
    const [first] = kept.names()
    const next = await restart()
    assert.notEqual(kept.names().join(), first)
    assert.equal(kept.names().length, 1)
    assert.ok(!(await passes()))
    await next.stop('SIGTERM')
    assert.ok(await passes())
    assert.deepEqual(kept.names(), [])
  })

  it('of rules that kill do so until the rules of the next agent are in force', async () => {
    const victim = join(kept.folder, 'victim')
    const rules = join(kept.folder, 'rules.yaml')
    copyFileSync('/bin/true', victim)
    writeFileSync(
      rules,
      `title: Victim
logsource: {product: linux, category: process_creation}
detection: {s: {Image: ${victim}}, condition: s}
action: kill
`,
    )
    const run = async (): Promise<unknown> => (await once(spawn(victim), 'close'))[1]
    const options = ['--keep-sensors-on-exit', '--release-pinned-bpf=false', '--rules', rules]
    const first = await kept.begin(...options)
    await first.rulesRead()
    assert.equal(await run(), 'SIGKILL')
    await first.stop('SIGKILL')
    const next = kept.launch(...options)
    const signals: unknown[] = []
    const logged = [/rules read: /, /programs of an earlier agent were detached/]
    while (!logged.every((each) => each.test(next.stderr))) {
      assert.ok(!next.isOver, next.stderr)
      signals.push(await run())
    }
    signals.push(await run())
    assert.deepEqual(new Set(signals), new Set(['SIGKILL']))
  })

  it('do not know files by identity, which a running agent holds', async () => {
    const agent = await kept.begin('--keep-sensors-on-exit')
    const client = new TestClient((await agent.serving()).replace('unix://', 'unix:'))
    const yaml = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: identity}
spec:
  kprobes:
  - call: security_file_open
    syscall: false
    args: [{index: 0, type: file}]
    selectors:
    - matchArgs: [{index: 0, operator: Equal, values: ["inode:/etc/passwd"]}]`
    try {
      await client.call('AddTracingPolicy', { yaml })
      const warning = /policy identity will be detached when the agent ends: .*inode:/
      while (!warning.test(agent.stderr)) await sleep(5)
    } finally {
      client.close()
      await agent.stop()
    }
  })

  it('are not left by an agent that ends before they are in force', async () => {
    const early = kept.launch('--keep-sensors-on-exit')
    while (kept.names().length === 0) {
      assert.equal(early.child.exitCode, null, early.stderr)
      await sleep(1)
    }
    await early.stop('SIGKILL')
    await kept.keep()
    assert.equal(kept.names().length, 1)
    assert.match(kept.names()[0], /^active-/)
  })

  it('are left alone by another agent while the first one runs', async () => {
    const agent = await kept.keep()
    const before = kept.names()
    await (await kept.begin()).stop()
    assert.deepEqual(kept.names(), before)
    assert.ok(!(await passes()))
    await agent.stop('SIGKILL')
  })

  it('are detached even if the pin folder was altered', async () => {
    await (await kept.keep()).stop('SIGKILL')
    const [name] = kept.names()
    const elsewhere = join(kept.folder, 'elsewhere')
    const [inside, link] = [join(kept.pins, name, 'folder'), join(kept.pins, 'active-1-1')]
    mkdirSync(elsewhere)
    mkdirSync(inside)
    symlinkSync(elsewhere, link)
    const agent = await kept.begin()
    assert.match(agent.stderr, /remove pins of an agent that has ended: /)
    assert.ok(await passes())
    assert.ok(existsSync(elsewhere))
    rmdirSync(inside)
    rmSync(link)
  })

  it('are not looked for in a folder of another user, who could exchange what is removed', async () => {
    rmSync(kept.pins, { recursive: true, force: true })
    mkdirSync(kept.pins)
    const folder = join(kept.pins, 'active-1-1')
    mkdirSync(folder)
    chownSync(kept.pins, 65534, 65534)
    const agent = await kept.begin()
    assert.match(agent.stderr, /ignore pins in .* belongs to user 65534/)
    assert.ok(existsSync(folder))
    const next = await kept.keep()
    assert.match(next.stderr, /prepare pin folder .* belongs to user 65534.*while no agent runs/)
    assert.ok(!(await passes()))
    await next.stop('SIGKILL')
    assert.ok(await passes())
    rmSync(kept.pins, { recursive: true })
  })

  it('leave folders of others alone', async () => {
    const agent = await kept.keep()
    const others = join(kept.pins, '__base__')
    mkdirSync(others)
    await agent.stop()
    await (await kept.begin()).stop()
    assert.deepEqual(kept.names(), ['__base__'])
    rmdirSync(others)
  })

  it('leave unread records, which the next agent counts', async () => {
    await (await kept.keep()).stop('SIGKILL')
    for (let i = 0; i < 20; i++) spawnSync('/bin/true')
    const { stderr } = await kept.keep()
    const count = Number(/(\d+) records were lost or not read/.exec(stderr)?.[1])
    // A start and an end of each.
    assert.ok(count >= 40, stderr)
  })
})
