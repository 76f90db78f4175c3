import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { PolicyError } from '@tetragon-ts/agent'
import { groupsMount, PodRun } from '@tetragon-ts/agent/testing'
import { probe } from '@tetragon-ts/ebpf/features'
import { workload } from '@tetragon-ts/test/workloads'
import { repositoryRoot } from '../../vm/repository.ts'

const policy = readFileSync(join(repositoryRoot, 'policies/enforce/mounts.yaml'), 'utf8')

/** What a change of mounts did, as the workload `mount-ways` prints it. */
interface Outcome {
  readonly effect: number
  readonly killed: number
  readonly error: number
}
const done: Outcome = { effect: 1, killed: 0, error: 0 }
const refused: Outcome = { effect: 0, killed: 0, error: constants.errno.EPERM }
const killed: Outcome = { effect: 0, killed: constants.signals.SIGKILL, error: 0 }

/** What becomes of each way; a descriptor of a killed process has no effect. */
const ways: Readonly<Record<string, Outcome>> = {
  mount: refused,
  int80: refused,
  bind: refused,
  move: refused,
  remount: refused,
  fsconfig: refused,
  unmount: refused,
  'pivot-root': refused,
  fsmount: refused,
  'move-mount': refused,
  'user-namespace': refused,
  'open-tree': killed,
  // As the policy says, the attributes remain.
  'mount-setattr': { ...killed, effect: 1 },
}

const sysModule = 16
const noCapability = -1

describe('mounts.yaml', { skip: !groupsMount() && 'no cgroup mount' }, () => {
  let pods: PodRun
  let program: string
  before(async () => {
    pods = await PodRun.start()
    program = await workload('mount-ways')
    mkdirSync(join(pods.run.folder, 'mounts'))
  })
  afterEach(() => pods?.clear())
  after(() => pods?.stop())

  /** Attempts a way in a control group, as a program without a capability. */
  function attempt(way: string, group: string, without = sysModule): Outcome {
    const args = [way, join(pods.run.folder, 'mounts'), group, String(without)]
    const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
    assert.equal(stderr, '', way)
    return JSON.parse(stdout) as Outcome
  }

  it('keeps containers from changing their mounts, and nobody else', async (t) => {
    const host = pods.containers.makeGroup('system.slice')
    const possible = Object.keys(ways).filter((way) => {
      const outcome = attempt(way, host)
      if (outcome.effect) assert.deepEqual(outcome, done, way)
      else t.diagnostic(`${way}: not possible here: ${JSON.stringify(outcome)}`)
      return outcome.effect
    })
    assert.ok(possible.includes('mount'))
    try {
      await pods.load(policy)
    } catch (error) {
      if (!(error instanceof PolicyError) || probe('lsm').answer === 'yes') throw error
      return t.skip(error.message)
    }
    const { group } = await pods.known()
    const exempt = await pods.known({ namespace: 'kube-system' })
    for (const way of possible) {
      assert.deepEqual(attempt(way, group), ways[way], way)
      assert.deepEqual(attempt(way, host), done, `${way} on the host`)
      assert.deepEqual(attempt(way, exempt.group), done, `${way} in an exempt namespace`)
      // A runtime, or a privileged container. A user namespace has all capabilities.
      const expected = way === 'user-namespace' ? refused : done
      assert.deepEqual(attempt(way, group, noCapability), expected, `${way} with all capabilities`)
    }
  })
})
