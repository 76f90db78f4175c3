import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  linkSync,
  openSync,
  readFileSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { PolicyError } from '@tetragon-ts/agent'
import { PolicyRun, repeats } from '@tetragon-ts/agent/testing'
import { probe } from '@tetragon-ts/ebpf/features'
import { workload } from '@tetragon-ts/test/workloads'
import { repositoryRoot } from '../../vm/repository.ts'

const nobody = 65534
const repetitions = repeats(5, 1)
const names = ['set-user-id', 'set-group-id', 'capabilities'] as const
type Name = (typeof names)[number] | 'plain' | 'exempt'

const text = (file: string): string =>
  readFileSync(join(repositoryRoot, 'policies/enforce', file), 'utf8')
const byFmodRet = (policy: string): string =>
  policy.replace('\nspec:\n', '\nspec:\n  options: [{name: override-method, value: fmod-ret}]\n')

interface Outcome {
  readonly privileged: number
  readonly plain: number
}
const none: Outcome = { privileged: 0, plain: 0 }
const all: Outcome = { privileged: repetitions, plain: 0 }
const unprivileged: Outcome = { privileged: 0, plain: repetitions }

describe('policies against new privileges', () => {
  let run: PolicyRun
  before(async () => {
    run = await PolicyRun.start()
    const program = await workload('privileged')
    for (const name of [...names, 'plain', 'exempt']) {
      copyFileSync(program, pathOf(name as Name))
      chmodSync(pathOf(name as Name), 0o755)
    }
    // The user must reach the files.
    chmodSync(run.folder, 0o755)
    for (const name of ['set-user-id', 'exempt'] as const) chmodSync(pathOf(name), 0o4755)
    chownSync(pathOf('set-group-id'), nobody, 0)
    chmodSync(pathOf('set-group-id'), 0o2755)
    const set = spawnSync('setcap', ['cap_net_raw+ep', pathOf('capabilities')])
    assert.equal(set.status, 0, String(set.stderr))
    linkSync(pathOf('exempt'), `${pathOf('exempt')}.link`)
  })
  after(() => run?.stop())

  const pathOf = (name: Name | 'marks' | 'plain-marks'): string => join(run.folder, name)

  /** How often a program ran, as seen by the program itself; the user is not root by default. */
  function execute(path: string, user = nobody): Outcome {
    const files = [pathOf('marks'), pathOf('plain-marks')]
    const open = files.map((file) => openSync(file, 'w'))
    for (let i = 0; i < repetitions; i++) {
      const stdio = ['ignore', 'ignore', 'ignore', ...open] as const
      spawnSync(path, [], { stdio: [...stdio], uid: user, gid: user })
    }
    for (const fd of open) closeSync(fd)
    const [privileged, plain] = files.map((file) => statSync(file).size)
    return { privileged, plain }
  }

  for (const [title, policy, isPossible] of [
    ['new-privileges.yaml', text('new-privileges.yaml'), probe('lsm')],
    ['new-privileges.yaml by fmod_ret', byFmodRet(text('new-privileges.yaml')), probe('fmod_ret')],
    ['new-privileges-by-signal.yaml', text('new-privileges-by-signal.yaml'), undefined],
  ] as const) {
    it(`${title} lets no program of a user gain any`, async (t) => {
      for (const name of names) assert.deepEqual(execute(pathOf(name)), all, name)
      const exempting = policy.replaceAll('"/usr/bin/sudo"', `"${pathOf('exempt')}"`)
      const loaded = await run.load(exempting).catch((error: unknown) => {
        if (!(error instanceof PolicyError) || isPossible?.answer !== 'no') throw error
        return error
      })
      if (loaded instanceof PolicyError) return t.skip(loaded.message)
      try {
        for (const name of names) {
          assert.deepEqual(execute(pathOf(name)), none, name)
          assert.deepEqual(execute(pathOf(name), 0), all, `${name}: root`)
        }
        assert.deepEqual(execute(pathOf('exempt')), all, 'an exempt program')
        assert.deepEqual(execute(`${pathOf('exempt')}.link`), none, 'another name of it')
        assert.deepEqual(execute(pathOf('plain')), unprivileged, 'a program without privileges')
      } finally {
        await run.unload(loaded)
      }
      for (const name of names) assert.deepEqual(execute(pathOf(name)), all, name)
    })
  }
})
