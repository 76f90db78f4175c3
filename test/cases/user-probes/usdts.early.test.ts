import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type HookEvent, PolicyRun } from '@tetragon-ts/agent/testing'
import { probe } from '@tetragon-ts/ebpf/features'
import { ownWorkload } from '../../workloads/index.ts'

describe('usdts', () => {
  let run: PolicyRun
  let program: string
  before(async () => {
    run = await PolicyRun.start()
    program = await ownWorkload('static-probes', run.folder)
  })
  after(() => run?.stop())

  /** The events of a process under a policy with one hook. */
  async function eventsOf(hook: string, ...words: string[]) {
    const policy = await run.loadAttached(policyOf(program, hook))
    try {
      return await run.finish(run.spawn(program, words))
    } finally {
      await run.unload(policy)
    }
  }

  const memory = `{name: memory, args: [{index: 0, type: int64}, {index: 1, type: int},
    {index: 2, type: int}, {index: 3, type: int}, {index: 4, type: string}]}`

  it('show arguments in memory that is not resident', async () => {
    const expected = [
      ...[{ long_arg: '-1' }, { int_arg: -2 }, { int_arg: 65_535 }],
      ...[{ int_arg: -3 }, { string_arg: 'text' }],
    ]
    const faultsIn = probe('uprobe_multi').answer === 'yes'
    const [absent] = argsOf(await eventsOf(memory, 'absent'))
    assert.deepEqual(absent, faultsIn ? expected : expected.map(() => unreadable))
    const [nowhere] = argsOf(await eventsOf(memory, 'address', '16'))
    assert.deepEqual(
      nowhere,
      expected.map(() => unreadable),
    )
  })

  it('share a program between places whose arguments are not read', async () => {
    const policy = await run.loadAttached(policyOf(program, '{name: places}'))
    try {
      assert.equal(policy.compiled.hooks.length, 1)
      const events = await run.finish(run.spawn(program, ['places']))
      assert.equal(events.length, 3)
    } finally {
      await run.unload(policy)
    }
  })

  it('select by arguments, and count', async () => {
    const hook = `{name: places, args: [{index: 0}], selectors: [{matchArgs:
      [{index: 0, operator: GT, values: ["1"]}], matchActions: [{action: NoPost}]},
      {matchActions: [{action: Post}]}]}`
    const policy = await run.loadAttached(policyOf(program, hook))
    try {
      const events = await run.finish(run.spawn(program, ['places']))
      assert.deepEqual(argsOf(events), [[{ int_arg: 1 }]])
      const [written] = policy.compiled.document.policy.hooks
      const counts = policy.counts(written).map(({ post, nopost }) => [post, nopost])
      assert.deepEqual(counts, [
        [0, 2],
        [1, 0],
      ])
    } finally {
      await run.unload(policy)
    }
  })

  it('raise the counter of a probe while the policy is loaded', async () => {
    const hook = '{name: counted, args: [{index: 0, type: int}]}'
    const policy = await run.loadAttached(policyOf(program, hook))
    const words = ['counted', '5', '--', 'wait', '--', 'unprobed', '--', 'counted', '6']
    const started = run.spawn(program, words)
    await untilPrinted(started, '1\n')
    await run.unload(policy)
    // The kernel lowers it in the background.
    started.child.stdin?.end('x')
    const events = await run.finish(started)
    assert.equal(started.output, '1\n0\n')
    assert.deepEqual(argsOf(events), [[{ int_arg: 5 }]])
  })

  const set = `{name: set, args: [{index: 0, type: int}], selectors: [{matchActions:
    [{action: Set, argIndex: 0, argValue: 77}]}]}`
  const writes = probe('probe_write_user')

  it('set an argument, unless the policy monitors', async (t) => {
    if (writes.answer !== 'yes') return t.skip(writes.reason)
    const policy = await run.loadAttached(policyOf(program, set))
    try {
      const [hook] = policy.compiled.document.policy.hooks
      const setting = run.spawn(program, ['set', '5'])
      const [{ body, args }] = await run.finish(setting)
      assert.equal(setting.output, '77\n')
      assert.deepEqual([body.action, args], ['KPROBE_ACTION_SET', [{ int_arg: 5 }]])
      const item = { action: 'Set', means: 'user_write', done: true }
      assert.deepEqual(body.enforcement, [item])
      await policy.setMode('monitor')
      const watching = run.spawn(program, ['set', '5'])
      const [watched] = await run.finish(watching)
      assert.equal(watching.output, '5\n')
      assert.equal(watched.body.action, 'KPROBE_ACTION_POST')
      const [counts] = policy.counts(hook)
      assert.deepEqual([counts.set, counts.monitor_set, counts.post], [1, 1, 2])
    } finally {
      await run.unload(policy)
    }
  })

  it('say of each argument that it could not be set', async (t) => {
    if (writes.answer !== 'yes') return t.skip(writes.reason)
    const each = (index: number) => `{action: Set, argIndex: ${index}, argValue: 7}`
    const actions = `[${each(0)}, ${each(1)}]`
    const events = await eventsOf(`{name: fixed, selectors: [{matchActions: ${actions}}]}`, 'fixed')
    const failed = { action: 'Set', means: 'user_write', failed: true }
    assert.deepEqual(events[0].body.enforcement, [failed, failed])
  })

  it('only count Set where the kernel is locked down', async (t) => {
    if (writes.answer === 'yes') return t.skip('the kernel is not locked down')
    const text = policyOf(program, set)
    await assert.rejects(run.loadAttached(text), ({ message }: Error) => {
      assert.match(message, /cannot enforce Set at probes\/set: .*: the kernel is locked down/)
      assert.match(message, /it can only observe here: set policy-mode to monitor/)
      return true
    })
    const monitoring = 'options: [{name: policy-mode, value: monitor}]\n  usdts:'
    const policy = await run.loadAttached(text.replace('usdts:', monitoring))
    try {
      const started = run.spawn(program, ['set', '5'])
      const [{ body }] = await run.finish(started)
      assert.deepEqual([started.output, body.action], ['5\n', 'KPROBE_ACTION_POST'])
      const [counts] = policy.counts(policy.compiled.document.policy.hooks[0])
      assert.deepEqual([counts.set, counts.monitor_set], [0, 1])
      assert.equal(policy.canSwitch('enforce'), false)
    } finally {
      await run.unload(policy)
    }
  })

  const refusals: readonly (readonly [hook: string, expected: RegExp])[] = [
    ['{name: place}', /case.yaml:\d+:\d+: error: the file has no static probe probes\/place/],
    ['{name: place}', /did you mean "places"/],
    ['{name: set, args: [{index: 12}]}', /no argument 12: static probes have at most 12/],
    ['{name: table, args: [{index: 2}]}', /no argument 2: probes\/table at 0x\w+ has 2/],
    ['{name: unknown, args: [{index: 0}]}', /argument 0 of .* is 8@%xmm0, which cannot be read/],
    [
      '{name: set, selectors: [{matchActions: [{action: Set, argIndex: 1, argValue: 1}]}]}',
      /Set needs 4 bytes in memory: argument 1 of probes\/set at 0x\w+ is a register/,
    ],
    [
      '{name: memory, selectors: [{matchActions: [{action: Set, argIndex: 0, argValue: 1}]}]}',
      /argument 0 of probes\/memory at 0x\w+ is 8 bytes in memory/,
    ],
  ]
  for (const [hook, expected] of refusals) {
    it(`refuse ${hook}`, async () => {
      await assert.rejects(run.loadAttached(policyOf(program, hook)), ({ message }: Error) => {
        assert.match(message, expected)
        return true
      })
    })
  }

  it('read the other arguments of a probe with one that cannot be read', async () => {
    const events = await eventsOf('{name: unknown, args: [{index: 1, type: int}]}', 'unknown')
    assert.deepEqual(argsOf(events), [[{ int_arg: 1 }]])
  })
})

const unreadable = { error_arg: { Message: 'Bad address for basic type' } }

function policyOf(program: string, hook: string): string {
  return `
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: static-probes
spec:
  usdts:
  - ${hook.replace('{', `{path: ${program}, provider: probes, `)}
`
}

function argsOf(events: readonly HookEvent[]) {
  return events.map(({ args }) => args)
}

async function untilPrinted(from: { readonly output: string }, text: string): Promise<void> {
  while (!from.output.includes(text)) await new Promise((resolve) => setTimeout(resolve, 4))
}
