import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type AnnotatedHook, type GetPolicyProgramsResponse, listingText } from '@tetragon-ts/api'
import { listInSteps } from '@tetragon-ts/compiler/listing'
import { runSteps } from '@tetragon-ts/ebpf/steps'
import { PolicyRun } from '../../../testing/index.ts'
import type { LoadedPolicy } from '../loaded-policy.ts'
import { listPrograms } from './loaded-programs.ts'

/** Long enough for a table, which is a map that the program declares. */
const names = Array.from({ length: 40 }, (_, i) => `/none/${'x'.repeat(i)}`)

/** Hooks that every kernel has. */
const text = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: listed}
spec:
  kprobes:
  - call: sys_chdir
    syscall: true
    args: [{index: 0, type: string}]
    selectors:
    - matchArgs: [{index: 0, operator: Equal, values: ${JSON.stringify(names)}}]
  - call: sys_chroot
    syscall: true
    args: [{index: 0, type: string}]
    return: true
    returnArg: {index: 0, type: int}
`

const all = { section: '', index: 0 }

function list(policy: LoadedPolicy, wanted: object = {}): Promise<GetPolicyProgramsResponse> {
  const { compiled, collection } = policy
  return listPrograms(compiled, collection.target, { ...all, position: 0, ...wanted })
}

function programsOf(hooks: readonly AnnotatedHook[] = []) {
  return hooks.flatMap(({ programs = [] }) => programs)
}

describe('annotated programs', () => {
  let run: PolicyRun
  before(async () => {
    run = await PolicyRun.start()
  })
  after(() => run?.stop())

  it('are those of the loaded policy, with its fields and their lines', async () => {
    const policy = await run.load(text)
    const { hooks = [], next_position, generation } = await list(policy)
    const loaded = policy.collection.loaded.map(({ source }) => source.name)
    assert.deepEqual(
      programsOf(hooks).map(({ name }) => name),
      loaded,
    )
    assert.deepEqual([next_position, generation], [0, policy.hookIds[0]])
    assert.equal(hooks[0].backend, policy.compiled.hooks[0].planned.plan.backend)
    const fields = hooks[0].programs?.flatMap(({ parts = [] }) => parts) ?? []
    const tested = fields.find(({ field }) => field === 'spec.kprobes[0].selectors[0].matchArgs[0]')
    assert.equal(tested?.line, 10)
    assert.ok(tested.instructions?.some((text) => /map\[fd:\d\]/.test(text)))
    const [{ maps = [] }] = hooks[0].programs ?? []
    assert.ok(maps.some(({ name }) => name === 'tg_events'))
    const second = await list(policy, { section: 'kprobes', index: 1 })
    assert.deepEqual(second.hooks, hooks.slice(-(second.hooks?.length ?? 0)))
    assert.ok(second.hooks?.every(({ path }) => path === 'spec.kprobes[1]'))
    await run.unload(policy)
  })

  it('are those that tetragon compile lists', async () => {
    const policy = await run.load(text)
    const { hooks = [] } = await list(policy)
    const listing = runSteps(listInSteps(policy.compiled, policy.collection.target, undefined))
    const fieldsOf = (hooks: readonly AnnotatedHook[]) =>
      programsOf(hooks).map(({ name, attach_point, instruction_slots, parts = [] }) => {
        const fields = parts.map(({ field, line }) => [field, line])
        return { name, attach_point, instruction_slots, fields }
      })
    assert.deepEqual(fieldsOf(hooks), fieldsOf(listing.hooks))
    const lines = listingText(listing).split('\n')
    assert.match(lines[1], /^ {2}\d programs, \d+ instructions$/)
    const maps = lines.slice(lines.indexOf('maps') + 1)
    assert.ok(maps.some((line) => line.startsWith('  tg_events        ringBuffer: key 0, value 0')))
    assert.ok(maps.every((line) => !line.includes('map[fd:')))
    await run.unload(policy)
  })

  it('leave the policy as it is', async () => {
    const policy = await run.load(text)
    const held = policy.collection.maps.size
    assert.ok(held > 0)
    for (let i = 0; i < 3; i++) await list(policy)
    assert.equal(policy.collection.maps.size, held)
    const replaced = await run.replace(policy, text)
    assert.notEqual((await list(replaced)).generation, policy.hookIds[0])
    await run.unload(replaced)
  })

  it('come in several responses, each of which is limited', async () => {
    const policy = await run.load(text)
    const { compiled, collection } = policy
    const listed: AnnotatedHook[] = []
    const limits = { response: 1, program: 200 }
    let responses = 0
    let position = 0
    do {
      const wanted = { ...all, position }
      const response = await listPrograms(compiled, collection.target, wanted, limits)
      listed.push(...(response.hooks ?? []))
      position = response.next_position ?? 0
      responses++
    } while (position > 0)
    assert.equal(responses, collection.loaded.length)
    for (const { omitted_instructions = 0, parts = [] } of programsOf(listed)) {
      const instructions = parts.flatMap(({ instructions = [] }) => instructions)
      assert.ok(instructions.join('').length <= limits.program)
      assert.ok(omitted_instructions > 0)
    }
    const begun = listed.filter(({ continued }) => !continued)
    assert.deepEqual(
      begun.map(({ path }) => path),
      compiled.hooks.map(({ planned }) => planned.hook.path),
    )
    assert.deepEqual((await list(policy, { position: 1000 })).hooks, [])
    await run.unload(policy)
  })
})
