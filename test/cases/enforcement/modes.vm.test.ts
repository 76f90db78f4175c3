import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { attemptsOf, isMain } from '@tetragon-ts/agent/testing'
import { type FeatureName, probe } from '@tetragon-ts/ebpf/features'
import { Attacked, countsOf, type Loaded, policy } from './attack.ts'
import { leftToHost } from './ways.ts'

const switches = attemptsOf({ host: 60, main: 16, part: 16 })

/** The process ignores SIGCHLD, so that it continues. */
const harmless = '{action: NoPost}, {action: Signal, argSig: 17}'
const kprobe = 'kprobes:\n- call: security_file_open\n  syscall: false'
const hookOf = (head: string, actions: string) => (file: string) =>
  `
${head}
  args: [{index: 0, type: file}]
  selectors:
  - matchArgs: [{index: 0, operator: Equal, values: ["${file}"]}]
    matchActions: [${actions}]`
const refuses = '{action: NoPost}, {action: Override, argError: -1}'
const byFanotify = 'options: [{name: override-method, value: fanotify}]'
const hooks = {
  'signals of a function': hookOf(kprobe, harmless),
  'refusals of an LSM hook': hookOf('lsmhooks:\n- hook: file_open', refuses),
  'refusals by fanotify': hookOf(`${byFanotify}\n${kprobe}`, refuses),
}

/** What the kernel must have. */
const features: Readonly<Record<string, FeatureName>> = {
  'refusals of an LSM hook': 'lsm',
  'refusals by fanotify': 'fanotify',
}

describe('the mode of a policy', () => {
  let attacked: Attacked
  before(async () => {
    attacked = await Attacked.start()
  })
  after(() => attacked?.run.stop())

  for (const [what, hook] of Object.entries(hooks)) {
    it(`switches under load without a decision in the old one: ${what}`, async (t) => {
      const feature = features[what]
      if (feature === 'fanotify' && isMain) return t.skip(leftToHost)
      const { answer, reason } = feature ? probe(feature) : { answer: 'yes', reason: '' }
      if (answer !== 'yes') return t.skip(reason)
      const policies = await attacked.run.agent.policies()
      const loaded = await attacked.run.load(policy('switched', hook(attacked.file)))
      const loop = 'while :; do for i in 1 2 3 4 5 6 7 8; do read x < "$0"; done; done 2>/dev/null'
      const attackers = [1, 2, 3].map(() =>
        attacked.run.spawn('/bin/sh', ['-c', loop, attacked.file]),
      )
      try {
        for (let i = 0; i < switches; i++) {
          const mode = i % 2 === 0 ? 'monitor' : 'enforce'
          await policies.setMode(loaded, mode)
          const at = decisions(loaded)
          const [now, old] = mode === 'enforce' ? [0, 1] : [1, 0]
          // Wait for five decisions in the new mode.
          let later = decisions(loaded)
          for (; later[now] < at[now] + 5; later = decisions(loaded)) await sleep(0)
          assert.equal(later[old], at[old], `a decision in the old mode after switch ${i}`)
        }
      } finally {
        for (const { child } of attackers) child.kill('SIGKILL')
        await Promise.all(attackers.map(({ ended }) => ended))
        await attacked.run.unload(loaded)
      }
    })
  }
})

/** Enforced and monitored decisions. */
function decisions(loaded: Loaded): readonly [enforced: number, monitored: number] {
  const { signal, override, monitor_signal, monitor_override } = countsOf(loaded)
  return [signal + override, monitor_signal + monitor_override]
}
