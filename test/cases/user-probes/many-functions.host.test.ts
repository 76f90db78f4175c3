import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { PolicyRun } from '@tetragon-ts/agent/testing'
import { compileManyFunctions } from '../../workloads/many-functions.ts'

const count = 10_000

let run: PolicyRun
let program: string
before(async () => {
  run = await PolicyRun.start()
  program = join(run.folder, 'many')
  compileManyFunctions(program, count)
})
after(() => run?.stop())

it(`a policy may have ${count} functions of a program`, async () => {
  const symbols = Array.from({ length: count }, (_, i) => `f${i}`)
  const policy = await run.loadAttached(`
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: many
spec:
  uprobes:
  - path: ${program}
    symbols: [${symbols.join(', ')}]
`)
  const called = [0, 1, 5000, count - 1]
  const events = await run.finish(run.spawn(program, called.map(String)))
  assert.deepEqual(
    events.map(({ body }) => body.symbol),
    called.map((i) => `f${i}`),
  )
  await run.unload(policy)
})
