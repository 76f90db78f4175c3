import assert from 'node:assert/strict'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { HookEvent } from '@tetragon-ts/agent/testing'
import { probe } from '@tetragon-ts/ebpf/features'
import { outcomes } from '../enforcement/attack.ts'
import { ProbedRun, uprobes } from './probed-run.ts'

const { answer, reason } = probe('uprobe_registers')

describe('Override of uprobes', () => {
  let redirected: ProbedRun
  before(async () => {
    redirected = await ProbedRun.start('redirected')
  })
  after(() => redirected?.stop())

  /** A hook with one selector. */
  const overriding = (action: string, { more = '', at = 'symbols: [decides]' } = {}) => `
path: ${redirected.program}
${at}
${more}
selectors: [{matchActions: [{action: Override, ${action}}]}]`
  const calls = ['call', '3', '4', '--', 'call', '5', '6']
  const untouched = ['ran', '10', 'ran', '16']
  const bodies = (events: readonly HookEvent[]) => events.map(({ body }) => body)

  it('is refused with the reason where programs cannot set registers', async (t) => {
    if (answer === 'yes') return t.skip(reason)
    const message = /cannot enforce Override at decides: uprobe.multi: .*; .* the action Sigkill/
    await assert.rejects(
      redirected.run.loadAttached(uprobes([overriding('argError: -1')])),
      message,
    )
  })

  it('is only counted in mode monitor', async () => {
    const { output, events, counts } = await redirected.under([overriding('argError: -7')], calls, {
      options: '{name: policy-mode, value: monitor}, ',
    })
    assert.deepEqual(output, untouched)
    assert.equal(events.length, 2)
    assert.deepEqual([counts.override, counts.monitor_override], [0, 2])
  })

  describe('with registers', { skip: answer === 'yes' ? false : reason }, () => {
    it('returns argError also where a return is awaited, which sees it', async () => {
      const more = 'return: true\nreturnArg: {index: 0, type: long}\nargs: [{index: 0, type: long}]'
      for (const action of ['argError: -7', 'argRegs: ["rip=(%rsp)", "rax=-7", "rsp=8%rsp"]']) {
        const { output, events } = await redirected.under([overriding(action, { more })], calls)
        assert.deepEqual(output, ['-7', '-7'])
        const args = events.map((event) => event.args.map(({ long_arg }) => long_arg))
        assert.deepEqual(args, [
          ['3', '-7'],
          ['5', '-7'],
        ])
      }
    })

    it('is not the only one that sets registers: Set changes parameters', async () => {
      const hook = `
path: ${redirected.program}
symbols: [decides]
args: [{index: 0, type: long}]
selectors:
- matchArgs: [{index: 0, operator: Equal, values: ["3"]}]
  matchActions: [{action: Set, argIndex: 1, argValue: 9}]`
      const { output } = await redirected.under([hook], calls)
      assert.deepEqual(output, ['ran', '15', 'ran', '16'])
    })

    it('decides by selector, with a target for each', async () => {
      const hook = `
path: ${redirected.program}
symbols: [decides]
args: [{index: 0, type: long}]
selectors:
- matchArgs: [{index: 0, operator: Equal, values: ["3"]}]
  matchActions: [{action: Override, argNewSymbol: decides_too}]
- matchArgs: [{index: 0, operator: Equal, values: ["5"]}]
  matchActions: [{action: Override, argError: 0}]`
      const words = [...calls, '--', 'call', '1', '1']
      for (const options of ['', '{name: disable-uprobe-multi, value: "true"}, ']) {
        const { output } = await redirected.under([hook], words, { options })
        assert.deepEqual(output, ['ran too', '13', '0', 'ran', '3'])
      }
    })

    it('decides by texts, for which programs may wait', async () => {
      const hook = `
path: ${redirected.program}
symbols: [reads]
args: [{index: 0, type: string}]
selectors:
- matchArgs: [{index: 0, operator: Equal, values: [secret]}]
  matchActions: [{action: Override, argError: -13}]`
      const { output } = await redirected.under(
        [hook],
        ['text', 'other', '--', 'text', 'secret', '--', 'late', 'secret', '2'],
      )
      assert.deepEqual(output, ['ran', '7', '-13', 'ran', 'ran'])
    })

    it('finds the places in each file', async () => {
      const { run, program } = redirected
      const copy = join(run.folder, 'copy')
      copyFileSync(program, copy)
      const at = 'symbols: [decides, decides_too]'
      const hook = overriding('argNewSymbol: alternative', { at })
      const hooks = [hook, hook.replace(program, copy)]
      for (const each of [program, copy]) {
        const words = [...calls, '--', 'call-other', '1', '1']
        const { output, events } = await redirected.under(hooks, words, { program: each })
        assert.deepEqual(output, ['1007', '1011', '1002'])
        const symbols = events.map(({ body: { symbol } }) => symbol)
        assert.deepEqual(symbols, ['decides', 'decides', 'decides_too'])
      }
    })

    it('sets registers', async () => {
      for (const [registers, expected] of [
        [
          ['rax=11', 'rip=(%rsp)', 'rsp=8%rsp'],
          ['11', '11'],
        ],
        [
          ['rdi=%rsi', 'rsi=-1%rdi'],
          ['ran', '10', 'ran', '16'],
        ],
        [
          ['rdi=0', 'esi=0x1ffffffff'],
          ['ran', '4294967295', 'ran', '4294967295'],
        ],
        [['rsi=(%rsp)', 'rdi=0'], undefined],
      ] as const) {
        const written = registers.map((each) => `"${each}"`)
        const { output, events } = await redirected.under(
          [overriding(`argRegs: [${written}]`)],
          calls,
        )
        if (expected) assert.deepEqual(output, expected)
        // A return address.
        else assert.ok(Number(output[1]) > 4096, output[1])
        assert.deepEqual(outcomes(bodies(events)), { 'OVERRIDE: registers, done': 2 })
      }
    })

    it('reports memory that cannot be read, and changes nothing', async () => {
      const { output, events, counts } = await redirected.under(
        [overriding('argRegs: ["rax=1", "rsi=(%rdi)"]')],
        calls,
      )
      assert.deepEqual(output, untouched)
      assert.deepEqual(outcomes(bodies(events)), { 'OVERRIDE: registers, failed': 2 })
      assert.equal(counts.override, 0)
    })

    it('shows registers and arguments as they were', async () => {
      const more = `args: [{index: 0, type: long}]
data: [{index: 0, type: uint64, source: pt_regs, resolve: rsi}]`
      const action = 'argRegs: ["rdi=100", "rsi=200"]'
      const { events } = await redirected.under([overriding(action, { more })], calls)
      const shown = events.map(({ args, body }) => [args[0].long_arg, body.data?.[0].size_arg])
      assert.deepEqual(shown, [
        ['3', '4'],
        ['5', '6'],
      ])
    })

    it('is decided by the first of several hooks', async () => {
      const hooks = [overriding('argError: -7'), overriding('argNewSymbol: alternative')]
      const { output, events } = await redirected.under(hooks, calls)
      assert.ok(['-7,-7', '1007,1011'].includes(output.join()), output.join())
      assert.deepEqual(outcomes(bodies(events)), {
        'OVERRIDE: registers, done': 2,
        'OVERRIDE: registers, failed': 2,
      })
    })

    it('lets none of many threads through, of which one event is posted', async () => {
      const hook = overriding('argError: -1')
      const policy = uprobes([hook]).replace('value: post', 'value: count')
      const { run, program } = redirected
      const loaded = await run.loadAttached(policy)
      try {
        const started = run.spawn(program, ['storm', '50', '20'])
        await run.finish(started)
        assert.equal(started.output, '')
        const [counts] = loaded.counts(loaded.compiled.document.policy.hooks[0])
        assert.equal(counts.override, 1000)
        await run.waitForRefusals()
      } finally {
        await run.unload(loaded)
      }
    })

    it('is refused where it cannot work', async () => {
      const more = 'return: true\nreturnArg: {index: 0, type: int}'
      for (const [hook, message] of [
        [overriding('argNewSymbol: none'), /has no single place none/],
        [overriding('argNewAddr: 1'), /has no single place 0x1/],
        [overriding('argRegs: ["eflags=0"]'), /the register eflags cannot be set/],
        [overriding('argRegs: ["rzz=0"]'), /the register rzz cannot be set/],
        [overriding('argRegs: ["rax=0", "eax=1"]'), /rax and eax are the same register/],
        [overriding('argRegs: ["rax=%rzz"]'), /there is no register rzz/],
        [overriding('argRegs: ["rsp=16%rsp"]', { more }), /must not set the stack pointer/],
      ] as const) {
        await assert.rejects(redirected.run.loadAttached(uprobes([hook])), message)
      }
    })
  })
})
