import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type HookEvent, PolicyRun, RunningAgent } from '@tetragon-ts/agent/testing'
import { workload } from '../../workloads/index.ts'

const tetra = fileURLToPath(new URL('../../../../packages/tetra/bin/tetra.js', import.meta.url))

describe('static probes of files', () => {
  let run: PolicyRun
  let program: string
  before(async () => {
    program = await workload('static-probes')
    run = await PolicyRun.start()
  })
  after(() => run?.stop())

  /** Puts a program in its place, in one step. */
  function put(path: string, content: Uint8Array): void {
    writeFileSync(`${path}.new`, content)
    chmodSync(`${path}.new`, 0o755)
    renameSync(`${path}.new`, path)
  }

  /** The program with a constant as the argument of the probe `counted`, which is in a register. */
  function withConstant(): Buffer {
    const [before, later] = ['-4@%eax', '-4@$123'].map((operand) =>
      Buffer.from(`probes\0counted\0${operand}\0`),
    )
    const content = readFileSync(program)
    const at = content.indexOf(before)
    assert.ok(at > 0)
    content.set(later, at)
    return content
  }

  /** The argument of `counted` in a run of a program. */
  async function counted(path: string): Promise<readonly unknown[]> {
    const events = await run.finish(run.spawn(path, ['counted', '5']))
    return events.map(({ args: [{ int_arg }] }) => int_arg)
  }

  /** Runs a program until there is an event. */
  async function untilProbed(path: string, expected: number): Promise<void> {
    while ((await counted(path))[0] !== expected) await sleep(50)
  }

  it('have programs when they appear, and others when they are replaced', async () => {
    const path = join(run.folder, 'late')
    const policy = await run.load(policyOf(path))
    const statusOf = async () => {
      const policies = await run.agent.policies()
      return policies.hookStatuses(policies.latest(policy))[0].hook_description
    }
    try {
      assert.match(
        (await statusOf()) ?? '',
        /^probes\/counted \(uprobe.*; attached to no file yet\)$/,
      )
      put(path, readFileSync(program))
      await untilProbed(path, 5)
      assert.match((await statusOf()) ?? '', /^probes\/counted \(uprobe[^;]*\)$/)
      put(path, withConstant())
      await untilProbed(path, 123)
      const policies = await run.agent.policies()
      const [hook] = policy.compiled.document.policy.hooks
      // The old one continues until the new one is attached, and its counts are continued then.
      while (policies.latest(policy).counts(hook)[0].post < 2) await sleep(10)
    } finally {
      await run.unload(policy)
    }
    assert.deepEqual(await counted(path), [])
  })

  it('are probed in other roots, with their own layouts', async () => {
    const path = '/bin/probed-in-root'
    const root = join(run.folder, 'root')
    mkdirSync(join(root, 'bin'), { recursive: true })
    put(join(root, path), withConstant())
    const inRoot = () => run.spawn('chroot', [root, path, 'wait', '--', 'counted', '5'])
    // The first process makes the root known.
    const first = inRoot()
    const policy = await run.load(policyOf(path))
    try {
      for (;;) {
        const started = inRoot()
        started.child.stdin?.end('x')
        const events = await run.finish(started)
        assert.match(started.output, /^\d\n$/)
        if (events.length === 0) {
          await sleep(50)
          continue
        }
        assert.deepEqual(argsOf(events), [[{ int_arg: 123 }]])
        break
      }
    } finally {
      first.child.stdin?.end('x')
      await first.ended
      await run.unload(policy)
    }
  })

  it('are probed by generated policies', async () => {
    const path = join(run.folder, 'generated')
    copyFileSync(program, path)
    const argv = [tetra, 'tracingpolicy', 'generate', 'usdts', '--binary', path]
    const { stdout, stderr, status } = spawnSync(process.execPath, argv)
    assert.equal(status, 0, stderr.toString())
    const policy = await run.load(stdout.toString())
    try {
      const events = await run.finish(
        run.spawn(path, ['places', '--', 'counted', '1', '--', 'constants']),
      )
      const names = events.map(({ body: { provider, name } }) => `${provider}/${name}`)
      const places = Array.from({ length: 3 }, () => 'probes/places')
      assert.deepEqual(names, [...places, 'probes/counted', 'probes/constants'])
    } finally {
      await run.unload(policy)
    }
  })

  it('have their counters back after an agent was killed', async () => {
    const path = join(run.folder, 'killed')
    copyFileSync(program, path)
    const agent = await RunningAgent.start('--tracing-policy', policyFile(run.folder, path))
    const counter = async (): Promise<string> => {
      const started = run.spawn(path, ['counted', '1'])
      await started.ended
      return started.output
    }
    try {
      while ((await counter()) !== '1\n') await sleep(50)
      agent.child.kill('SIGKILL')
      await agent.ended
      while ((await counter()) !== '0\n') await sleep(50)
    } finally {
      await agent.remove()
    }
  })
})

function policyOf(path: string): string {
  return `
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: files-with-probes
spec:
  usdts:
  - {path: ${path}, provider: probes, name: counted, args: [{index: 0, type: int}]}
`
}

function policyFile(folder: string, path: string): string {
  const file = join(folder, 'policy.yaml')
  writeFileSync(file, policyOf(path))
  return file
}

function argsOf(events: readonly HookEvent[]) {
  return events.map(({ args }) => args)
}
