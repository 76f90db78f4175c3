import assert from 'node:assert/strict'
import { chmodSync, copyFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { makeTestFolder } from '@tetragon-ts/agent/testing'
import { workload } from '@tetragon-ts/test/workloads'
import { Attacked, allowed, attempts, countsOf, outcomes, policy } from './attack.ts'

/**
 * Kills the programs of a folder that open the file, by the path in their memory: every kernel can
 * do that.
 */
const kills = (folder: string, file: string) =>
  policy(
    'kills',
    `kprobes:
- call: sys_openat
  syscall: true
  args: [{index: 1, type: string}]
  selectors:
  - matchBinaries: [{operator: Prefix, values: ["${folder}/"]}]
    matchArgs: [{index: 1, operator: Equal, values: ["${file}"]}]
    matchActions: [{action: Sigkill}]`,
  )
const killed = { attempts, effects: 0, killed: attempts, refused: {} }

describe('a guarded executable', () => {
  let folder: string
  let attacked: Attacked
  let attackProgram: string
  /** Its path. */
  let guarded: string
  before(async () => {
    folder = makeTestFolder()
    attackProgram = await workload('attack')
    guarded = join(folder, 'guarded')
    copyFileSync(attackProgram, guarded)
    attacked = await Attacked.start('--guarded-executables', guarded)
    // For another user.
    for (const path of [folder, attacked.run.folder]) chmodSync(path, 0o755)
  })
  after(async () => {
    await attacked?.run.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const attack = (program: string) => attacked.attack('open', 'child', undefined, { program })
  const under = (act: () => Promise<void>) => attacked.under(kills(folder, attacked.file), act)

  /** A script that runs the guarded executable through other programs. */
  function through(name: string, ...words: readonly string[]): string {
    const path = join(folder, name)
    writeFileSync(path, `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`)
    chmodSync(path, 0o755)
    return path
  }

  it('is spared, and counted as if the policy monitored', async () => {
    await attacked.under(kills(folder, attacked.file), async (loaded) => {
      const { tally, events } = await attack(guarded)
      assert.deepEqual(tally, allowed)
      assert.deepEqual(outcomes(events), { 'POST: signal, not done': attempts })
      const { signal, monitor_signal } = countsOf(loaded)
      assert.deepEqual([signal, monitor_signal], [0, attempts])
    })
  })

  it('is spared wherever a path leads to it, but a copy is not', async () => {
    const copy = join(folder, 'copy')
    copyFileSync(guarded, copy)
    await under(async () => {
      assert.deepEqual((await attack(`/proc/self/root${guarded}`)).tally, allowed)
      assert.deepEqual((await attack(copy)).tally, killed)
    })
  })

  it('is not spared for another user, in namespaces of its own, nor traced', async () => {
    const ways = [
      through('user', '/usr/bin/setpriv', '--reuid=1000', guarded),
      through('mounts', '/usr/bin/unshare', '-m', guarded),
      through('users', '/usr/bin/unshare', '-U', guarded),
      through('traced', await workload('traced'), guarded),
    ]
    for (const way of ways) {
      assert.deepEqual((await attack(way)).tally, allowed, `${way} without the policy`)
      await under(async () => {
        const { tally } = await attack(way)
        assert.deepEqual({ ...tally, refused: {} }, killed, way)
      })
    }
  })

  it('is spared after it was replaced', async () => {
    const next = join(folder, 'next')
    copyFileSync(attackProgram, next)
    await under(async () => assert.deepEqual((await attack(next)).tally, killed))
    renameSync(next, guarded)
    // Loading a policy looks for it, and so does a timer.
    await under(async () => assert.deepEqual((await attack(guarded)).tally, allowed))
  })
})
