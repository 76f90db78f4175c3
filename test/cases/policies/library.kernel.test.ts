import assert from 'node:assert/strict'
import { copyFileSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { PolicyError } from '@tetragon-ts/agent'
import { isMain, isPart, PolicyRun } from '@tetragon-ts/agent/testing'
import { workload } from '@tetragon-ts/test/workloads'
import { repositoryRoot } from '../../vm/repository.ts'
import { isShownByHost } from './by-host.ts'
import { evasions, ordinaryWork, triggers } from './library-triggers.ts'

const library = join(repositoryRoot, 'policies')

const files = readdirSync(library, { recursive: true, encoding: 'utf8' })
  // Those of `tests` are for `tetra policytest` (policytests.portable.test.ts), those of `enforce`
  // are attacked (enforcement/library.vm.test.ts), those of `user` need their own programs
  // (user-probes/library*.test.ts), and `rules` has detection rules (rules/library.host.test.ts).
  .filter((name) => name.endsWith('.yaml') && !/^(tests|enforce|user|rules)\//.test(name))
  .sort()

describe('policy library', () => {
  let run: PolicyRun
  let variables: string

  before(async () => {
    run = await PolicyRun.start()
    // A folder that the library considers world-writable.
    copyFileSync(await workload('noop'), join(run.folder, 'noop'))
    const [trigger, hookLoop] = [await workload('trigger'), await workload('hook-loop')]
    variables = `export TRIGGER=${trigger} HOOK_LOOP=${hookLoop} FOLDER=${run.folder}\n`
  })
  after(() => run?.stop())

  it('has a trigger for each policy, and names each in its README', () => {
    assert.deepEqual(files, Object.keys(triggers))
    const readme = readFileSync(join(library, 'README.md'), 'utf8')
    for (const file of files) assert.ok(readme.includes(`\`${file}\``), `README.md lacks ${file}`)
  })

  for (const file of files) {
    it(`${file} says what it costs and posts when it is triggered`, async (t) => {
      const text = readFileSync(join(library, file), 'utf8')
      assert.match(text, /^#.*\n(#.*\n)*# Cost: .*\n(#.*\n)*apiVersion:/)
      if (isMain && isShownByHost(text)) {
        return t.skip('its system calls and tracepoints are hooked as on the host')
      }
      let policy: Awaited<ReturnType<PolicyRun['load']>>
      try {
        policy = await run.load(text)
      } catch (error) {
        if (!(error instanceof PolicyError)) throw error
        if (error.diagnostics.some(({ code }) => code !== 'POLICY_HOOK')) throw error
        // A refused program is our fault; only a hook can be missing.
        if (/load program tg_/.test(error.message)) throw error
        return t.skip(error.message)
      }
      try {
        const events = await run.finish(run.spawn('/bin/sh', ['-c', variables + triggers[file]]))
        assert.ok(events.length > 0, 'nothing was posted')
        for (const event of events) assert.equal(event.policy, policy.compiled.document.policy.name)
        // Policies select alike on all kernels: the host and the main one try it.
        if (isPart) return
        for (const { script, expect } of evasions[file] ?? []) {
          expect(await run.finish(run.spawn('/bin/sh', ['-c', variables + script])))
        }
        for (const script of ordinaryWork[file] ?? []) {
          const events = await run.finish(run.spawn('/bin/sh', ['-c', variables + script]))
          assert.deepEqual(
            events.map(({ body }) => body.message),
            [],
            script,
          )
        }
      } finally {
        await run.unload(policy)
      }
    })
  }
})
