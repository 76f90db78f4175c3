import assert from 'node:assert/strict'
import { copyFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { PolicyRun } from '../../../testing/index.ts'
import type { LoadedPolicy } from '../loaded-policy.ts'

const shell = '/bin/sh'

describe('matchBinaries with resolveLinks', () => {
  let run: PolicyRun
  let link: string
  before(async () => {
    run = await PolicyRun.start()
    link = join(run.folder, 'link')
    for (const name of ['first', 'second']) copyFileSync(shell, join(run.folder, name))
  })
  after(() => run?.stop())

  const policy = (operator: string) => `
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: links
spec:
  kprobes:
  - call: sys_chdir
    syscall: true
    args: [{index: 0, type: string}]
    selectors:
    - matchArgs: [{index: 0, operator: Equal, values: ["/none"]}]
      matchBinaries: [{operator: ${operator}, values: ["${link}"], resolveLinks: true}]
`

  /** As update-alternatives does it. */
  function direct(target: string): void {
    symlinkSync(target, `${link}.new`)
    renameSync(`${link}.new`, link)
  }

  async function hits(name: string): Promise<number> {
    const started = run.spawn(join(run.folder, name), ['-c', 'cd /none || true'])
    return (await run.finish(started)).length
  }

  /** Waits until the policy was compiled with this target. */
  async function leadsTo(policy: LoadedPolicy, name: string): Promise<void> {
    const policies = await run.agent.policies()
    const target = (): string | undefined => {
      const { document } = policies.latest(policy).compiled
      return document.policy.hooks[0].selectors[0].binaries[0].targets?.[0].target
    }
    while (target() !== join(run.folder, name)) {
      await policies.checkFiles()
      await sleep(5)
    }
  }

  async function status(policy: LoadedPolicy): Promise<string> {
    const policies = await run.agent.policies()
    return policies.hookStatuses(policies.latest(policy))[0].hook_description ?? ''
  }

  it('follows a link that appears, changes, and is removed', async () => {
    const loaded = await run.load(policy('In'))
    assert.match(await status(loaded), /; not resolved: .*link \(.*link does not exist\)\)$/)
    assert.equal(await hits('first'), 0)
    direct('first')
    await leadsTo(loaded, 'first')
    assert.doesNotMatch(await status(loaded), /not resolved/)
    assert.equal(await hits('first'), 1)
    // A process is started by the link, or by its target.
    assert.equal(await hits('link'), 1)
    assert.equal(await hits('second'), 0)
    direct(join(run.folder, 'second'))
    await leadsTo(loaded, 'second')
    assert.equal(await hits('second'), 1)
    assert.equal(await hits('first'), 0)
    rmSync(link)
    await (await run.agent.policies()).checkFiles()
    assert.match(await status(loaded), /; not resolved: /)
    assert.equal(await hits('second'), 1)
    await run.unload(loaded)
  })

  it('of NotIn excludes what the link leads to', async () => {
    direct('first')
    const loaded = await run.load(policy('NotIn'))
    assert.equal(await hits('link'), 0)
    assert.equal(await hits('second'), 1)
    await run.unload(loaded)
  })
})
