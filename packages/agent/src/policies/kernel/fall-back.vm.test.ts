import assert from 'node:assert/strict'
import { after, before, describe, it, mock } from 'node:test'
import type { Backend } from '@tetragon-ts/compiler'
import { isRefusal, rawTracepointBackend, tpBtfBackend } from '@tetragon-ts/compiler'
import { rawTracepoint } from '@tetragon-ts/ebpf/lang'
import { listPrograms } from '@tetragon-ts/ebpf/programs'
import { heldBy, PolicyRun, waitUntilGone } from '../../testing/index.ts'
import { PolicyError } from './policy-error.ts'

const policy = `
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: falls-back
spec:
  tracepoints:
  - subsystem: sched
    event: sched_process_exec
    raw: true
    args: [{index: 1, type: int}]
`

/** Makes a back end plan a hook that turns out to be missing when it is attached. */
function promiseTooMuch(backend: Backend): void {
  const plan = backend.plan.bind(backend)
  mock.method(
    backend,
    'plan',
    (...args: Parameters<Backend['plan']>): ReturnType<Backend['plan']> => {
      const made = plan(...args)
      if (isRefusal(made)) return made
      const { attachment } = rawTracepoint('no_such_tracepoint')
      const enter = made.enter.map((each) => ({ ...each, hook: { ...each.hook, attachment } }))
      return { ...made, enter }
    },
  )
}

/** The policy's programs that this process holds. */
function programs(): readonly string[] {
  const own = new Set(heldBy(process.pid))
  return listPrograms()
    .filter(({ id, name }) => own.has(`prog ${id}`) && name.startsWith('tg_sched_sched'))
    .map(({ id }) => `prog ${id}`)
}

describe('a hook that the kernel refuses when it is attached', () => {
  let run: PolicyRun
  before(async () => {
    run = await PolicyRun.start()
  })
  after(() => run?.stop())

  it('is attached by the next back end, which has the reason', async () => {
    promiseTooMuch(tpBtfBackend)
    try {
      const loaded = await run.load(policy)
      const [hook] = loaded.compiled.hooks
      assert.equal(hook.planned.plan.backend, 'raw_tp')
      const { reason } = hook.attempts.find(({ backend }) => backend === 'tp_btf') ?? {}
      assert.match(reason ?? '', /^attach raw_tracepoint no_such_tracepoint: E/)
      assert.equal(programs().length, 1)
      const events = await run.finish(run.spawn('/bin/sh', ['-c', '/bin/true; /bin/true']))
      assert.equal(events.filter(({ key }) => key === 'process_tracepoint').length, 3)
      const held = programs()
      await run.unload(loaded)
      await waitUntilGone(held)
    } finally {
      mock.restoreAll()
    }
  })

  it('is an error with all attempts when there is none; nothing stays in the kernel', async () => {
    promiseTooMuch(tpBtfBackend)
    promiseTooMuch(rawTracepointBackend)
    try {
      await assert.rejects(run.load(policy), (error) => {
        assert.ok(error instanceof PolicyError)
        const [{ code, message }, ...others] = error.diagnostics
        assert.deepEqual(others, [])
        assert.equal(code, 'POLICY_HOOK')
        assert.match(message, /tp_btf: attach .*; raw_tp: attach /)
        return true
      })
      assert.deepEqual(programs(), [])
    } finally {
      mock.restoreAll()
    }
    // It can be loaded once that works.
    await run.unload(await run.load(policy))
  })
})
