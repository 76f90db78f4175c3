import assert from 'node:assert/strict'
import { chmodSync, copyFileSync, mkdirSync, readlinkSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { PolicyRun, type StartedProcess } from '@tetragon-ts/agent/testing'
import { workload } from '../../workloads/index.ts'

type Policy = Awaited<ReturnType<PolicyRun['load']>>

describe('the files of uprobes', () => {
  let run: PolicyRun
  let program: string
  let number = 0
  /** Where a test may place a program. */
  let path: string
  before(async () => {
    program = await workload('probed')
    run = await PolicyRun.start()
  })
  after(() => run?.stop())
  beforeEach(() => {
    path = join(run.folder, `program-${++number}`)
  })

  function load(name = 'probes'): Promise<Policy> {
    return run.load(`
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: ${name}
spec:
  uprobes:
  - path: ${path}
    symbols: [takes_six]
    args: [{index: 0, type: int64}]
`)
  }

  /** Number of events of a process that calls the function once. */
  async function callOnce(): Promise<number> {
    return (await run.finish(run.spawn(path, ['six']))).length
  }

  /** As a package manager does it. */
  function install(): void {
    copyFileSync(program, `${path}.new`)
    chmodSync(`${path}.new`, 0o755)
    renameSync(`${path}.new`, path)
  }

  it('may appear after the policy was loaded', async () => {
    const policies = await run.agent.policies()
    const policy = await load()
    const [{ hook_description: before }] = policies.hookStatuses(policy)
    assert.match(before ?? '', /; attached to no file yet\)$/)
    install()
    await attachedTo(policy, 1)
    assert.equal(await callOnce(), 1)
    await run.unload(policy)
  })

  it('are followed when they are replaced; old ones that still run keep their probes', async () => {
    install()
    const policy = await load()
    const old = run.spawn(path, ['wait', '--', 'six'])
    install()
    await attachedTo(policy, 2)
    assert.equal(await callOnce(), 1)
    old.child.stdin?.end('x')
    assert.equal((await run.finish(old)).length, 1)
    await run.unload(policy)
  })

  it('may be shared by containers below overlays: each call is one event', async (t) => {
    const folder = join(run.folder, `layers-${number}`)
    const inside = join(folder, 'lower', path)
    mkdirSync(dirname(inside), { recursive: true })
    copyFileSync(program, inside)
    const started = [0, 1, 2].map((i) => overlay(join(folder, `${i}`), join(folder, 'lower')))
    const isThere = await Promise.all(started.map((each) => runs(each, path)))
    if (isThere.includes(false)) return t.skip(`no overlay: ${started[0].output}`)
    const policy = await load()
    // The host has no file there.
    assert.equal(filesOf(policy), 1)
    for (const each of started) each.child.stdin?.end('x')
    for (const each of started) assert.equal((await run.finish(each)).length, 1)
    await attachedTo(policy, 0)
    await run.unload(policy)
    rmSync(folder, { recursive: true })
  })

  it('are found for each of several policies, whenever these are loaded', async () => {
    install()
    const first = await load('first')
    install()
    // It knows the new file before the first one has looked again.
    const second = await load('second')
    await (await run.agent.policies()).checkFiles()
    const events = await run.finish(run.spawn(path, ['six']))
    assert.deepEqual(events.map(({ policy }) => policy).sort(), ['first', 'second'])
    await run.unload(first)
    await run.unload(second)
  })

  it('are not probed in roots that anyone can make', async (t) => {
    const folder = join(run.folder, `root-${number}`)
    const inside = join(folder, path)
    mkdirSync(dirname(inside), { recursive: true })
    copyFileSync(program, inside)
    const script = ['--user', '--map-root-user', 'chroot', folder, path, 'wait', '--', 'six']
    const alone = run.spawn('unshare', script)
    if (!(await runs(alone, path))) return t.skip(`no user namespaces: ${alone.output}`)
    const policy = await load()
    assert.equal(filesOf(policy), 0)
    alone.child.stdin?.end('x')
    assert.deepEqual(await run.finish(alone), [])
    await run.unload(policy)
    rmSync(folder, { recursive: true })
  })

  it('may be in a container only, and are forgotten with it', async () => {
    const folder = join(run.folder, `root-${number}`)
    const inside = join(folder, path)
    mkdirSync(dirname(inside), { recursive: true })
    copyFileSync(program, inside)
    const policy = await load()
    assert.equal(filesOf(policy), 0)
    const alone = run.spawn('chroot', [folder, path, 'wait', '--', 'six'])
    await attachedTo(policy, 1)
    alone.child.stdin?.end('x')
    assert.equal((await run.finish(alone)).length, 1)
    await attachedTo(policy, 0)
    await run.unload(policy)
    rmSync(folder, { recursive: true })
  })

  /** A process in a root of its own, an overlay, which calls the function on request. */
  function overlay(folder: string, lower: string): StartedProcess {
    mkdirSync(folder)
    const script = [
      'mount -t tmpfs none "$1"',
      'mkdir "$1/upper" "$1/work" "$1/root"',
      'mount -t overlay none -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" "$1/root"',
      'exec chroot "$1/root" "$0" wait -- six',
    ].join('\n')
    return run.spawn('unshare', ['--mount', 'sh', '-ec', script, path, folder, lower])
  }
})

function filesOf(policy: Policy): number {
  const [hook] = policy.compiled.hooks
  return policy.inodesOf(hook)?.length ?? assert.fail('the hook is not in user space')
}

async function attachedTo(policy: Policy, files: number): Promise<void> {
  while (filesOf(policy) !== files) await sleep(10)
}

/** Waits until a process executes a program. @returns whether it did, and has not ended before */
async function runs({ pid, ended }: StartedProcess, program: string): Promise<boolean> {
  let hasEnded = false
  void ended.then(() => {
    hasEnded = true
  })
  while (!hasEnded) {
    // Seen from another mount namespace, it is below the root of the process.
    if (executableOf(pid)?.endsWith(program)) return true
    await sleep(10)
  }
  return false
}

function executableOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`)
  } catch {
    return undefined
  }
}
