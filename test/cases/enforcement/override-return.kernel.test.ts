import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { probe } from '@tetragon-ts/ebpf/features'
import { Attacked, allowed, attempts, countsOf, outcomes, policy, refused } from './attack.ts'

/** More than one list of programs holds. */
const policies = 40

/** A program may not open files: what the call returns is replaced. */
const forbid = (name: string, program: string, error: number, mode = 'enforce') =>
  policy(
    name,
    `options:
- {name: override-method, value: override-return}
- {name: policy-mode, value: ${mode}}
kprobes:
- call: sys_openat
  syscall: true
  selectors:
  - matchBinaries: [{operator: In, values: ["${program}"]}]
    matchActions: [{action: Override, argError: ${error}}]`,
  )

// No kernel of Debian can do this: npm run build:kernel, npm run test:vm 6.12-override.
const { answer, reason } = probe('override_return')
const skip = answer === 'yes' ? false : reason

describe('results of system calls are replaced', { skip }, () => {
  it('by one policy, unless it monitors', async () => {
    const attacked = await Attacked.start()
    try {
      const program = attacked.copy('attacker')
      const attack = () => attacked.attack('open', 'child', undefined, { program })
      await attacked.under(forbid('one', program, -13), async (loaded) => {
        const { tally, events } = await attack()
        assert.deepEqual(tally, refused(13))
        assert.deepEqual(outcomes(events), { 'OVERRIDE: override_return, done': attempts })
        assert.equal(countsOf(loaded).override, attempts)
        // Other programs are not affected.
        assert.deepEqual((await attacked.attack('open', 'child')).tally, allowed)
      })
      await attacked.under(forbid('one', program, -13, 'monitor'), async (loaded) => {
        assert.deepEqual((await attack()).tally, allowed)
        assert.equal(countsOf(loaded).monitor_override, attempts)
      })
    } finally {
      await attacked.run.stop()
    }
  })

  it(`by ${policies} policies together, each of which counts every hit`, async () => {
    const attacked = await Attacked.start()
    try {
      const program = attacked.copy('attacker')
      const attack = () => attacked.attack('open', 'child', undefined, { program })
      const loaded = []
      for (let i = 0; i < policies; i++) {
        loaded.push(await attacked.run.load(forbid(`p${i}`, program, -13)))
      }
      assert.deepEqual((await attack()).tally, refused(13))
      const expected = loaded.map(() => attempts)
      assert.deepEqual(
        loaded.map((each) => countsOf(each).override),
        expected,
      )
      // The first list becomes empty before the second.
      for (const each of loaded.slice(0, -1)) await attacked.run.unload(each)
      assert.deepEqual((await attack()).tally, refused(13))
      await attacked.run.unload(loaded.at(-1)!)
      assert.deepEqual((await attack()).tally, allowed)
    } finally {
      await attacked.run.stop()
    }
  })

  it('not at a function that does not allow it', async () => {
    const attacked = await Attacked.start()
    try {
      const text = forbid('one', '/bin/sh', -13)
        .replace('sys_openat', 'vfs_open')
        .replace('syscall: true', 'syscall: false')
      await assert.rejects(
        attacked.run.load(text),
        /override_return: attach kprobe vfs_open: EINVAL/,
      )
    } finally {
      await attacked.run.stop()
    }
  })
})
