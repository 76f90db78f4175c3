import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readPolicies } from '@tetragon-ts/policy'
import fc from 'fast-check'
import type { RequestError } from '../../request-error.ts'
import type { ListedPolicies, PolicyId, PolicyMode } from './policy-control.ts'
import type { PolicyOrigin } from './policy-origin.ts'
import { PolicyRegistry } from './policy-registry.ts'
import { FakeLoader } from './testing/fake-loader.ts'
import { policyDocument, policyText } from './testing/policy-text.ts'

interface Written {
  readonly name: string
  readonly namespace: string
  readonly call: string
  readonly enforces: boolean
}

const origin: PolicyOrigin = { domain: 'grpc' }

/** Adds a policy as a client does. */
function add(
  registry: PolicyRegistry,
  { name, namespace, call, enforces }: Written,
  domain = 'grpc',
  replace = false,
): Promise<void> {
  const yaml = policyText(name, { namespace, call, action: enforces ? 'Sigkill' : 'Post' })
  const [document] = readPolicies(yaml, 'policy.yaml').documents
  return registry.add(origin, { name, namespace, domain }, { document, yaml }, replace)
}

const watching = (name: string): Written => {
  return { name, namespace: '', call: 'sys_kill', enforces: false }
}

/** Expected state of a policy after all steps so far. */
interface Model {
  written: Written
  state: 'ENABLED' | 'DISABLED' | 'LOAD_ERROR' | 'ERROR'
  mode: PolicyMode | undefined
}

interface Adding {
  readonly kind: 'add' | 'replace'
  readonly written: Written
  readonly domain: string
}

interface Changing {
  readonly kind: 'remove' | 'enable' | 'disable' | PolicyMode
  readonly id: PolicyId
}

type Step = Adding | Changing

const names = fc.constantFrom('a', 'b')
const namespaces = fc.constantFrom('', 'there')
const domains = fc.constantFrom('grpc', 'mine')
const written = fc.record({
  name: names,
  namespace: namespaces,
  enforces: fc.boolean(),
  call: fc.constantFrom('sys_kill', 'sys_chdir'),
})
const step = fc.record({
  step: fc.oneof<fc.Arbitrary<Step>[]>(
    fc.record<Adding>({ kind: fc.constantFrom('add', 'replace'), written, domain: domains }),
    fc.record<Changing>({
      kind: fc.constantFrom('remove', 'enable', 'disable', 'enforce', 'monitor'),
      id: fc.record({ name: names, namespace: namespaces, domain: domains }),
    }),
  ),
  // Kernel operations of the step fail.
  fails: fc.nat(9).map((n) => n < 3),
})

function keyOf({ name, namespace, domain }: PolicyId): string {
  return [domain, namespace, name].join('/')
}

/** Applies a step to the model. @returns whether it should succeed */
function expect(models: Map<string, Model>, step: Step, fails: boolean): boolean {
  if ('written' in step) {
    const key = keyOf({ ...step.written, domain: step.domain })
    const same = models.get(key)
    if (same === undefined || same.state === 'LOAD_ERROR') {
      const state = fails ? 'LOAD_ERROR' : 'ENABLED'
      models.set(key, { written: step.written, state, mode: undefined })
      return !fails
    }
    if (step.kind === 'add') return false
    if (same.state !== 'DISABLED' && fails) return false
    if (same.state === 'ERROR') same.state = 'ENABLED'
    same.written = step.written
    return true
  }
  const key = keyOf(step.id)
  const model = models.get(key)
  if (!model) return false
  const isLoaded = model.state === 'ENABLED' || model.state === 'ERROR'
  switch (step.kind) {
    case 'remove':
    case 'disable':
      if (isLoaded && fails) {
        model.state = 'ERROR'
        return false
      }
      if (step.kind === 'remove') models.delete(key)
      else model.state = 'DISABLED'
      return true
    case 'enable':
      if (model.state === 'ENABLED') return true
      // A policy that could not be unloaded is unloaded first.
      if (fails) model.state = model.state === 'ERROR' ? 'ERROR' : 'LOAD_ERROR'
      else model.state = 'ENABLED'
      return !fails
    default: {
      if (!model.written.enforces) return false
      const isOther = (model.mode ?? 'enforce') !== step.kind
      if (isOther && model.state === 'ENABLED' && fails) return false
      model.mode = step.kind
      return true
    }
  }
}

function take(registry: PolicyRegistry, step: Step): Promise<void> {
  if ('written' in step) {
    return add(registry, step.written, step.domain, step.kind === 'replace')
  }
  switch (step.kind) {
    case 'remove':
      return registry.remove(step.id)
    case 'enable':
    case 'disable':
      return registry.configure(step.id, { enable: step.kind === 'enable' })
    default:
      return registry.configure(step.id, { mode: step.kind })
  }
}

function shown({ written, state, mode }: Model): string {
  const effective = written.enforces ? (mode ?? 'enforce') : 'monitor_only'
  const call = state === 'ENABLED' ? `${written.call} (fentry)` : ''
  return [`TP_STATE_${state}`, `TP_MODE_${effective.toUpperCase()}`, call].join(' ')
}

describe('policies of the agent', () => {
  it('have the expected state after any steps, in the kernel too', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const loader = new FakeLoader()
        const registry = new PolicyRegistry(loader)
        const models = new Map<string, Model>()
        for (const { step, fails } of steps) {
          loader.fails = () => fails
          const succeeds = expect(models, step, fails)
          const outcome = await take(registry, step).then(
            () => true,
            () => false,
          )
          assert.equal(outcome, succeeds, JSON.stringify(step))
          const listed = registry.list().map((each) => {
            const [hook] = each.hook_statuses ?? []
            const state = [each.state, each.mode, hook?.hook_description ?? ''].join(' ')
            return [keyOf(each as PolicyId), state] as const
          })
          const wanted = [...models].map(([key, model]) => [key, shown(model)] as const)
          assert.deepEqual(new Map(listed), new Map(wanted))
          const inKernel = [...models.values()].filter(({ state }) =>
            /^(ENABLED|ERROR)$/.test(state),
          )
          assert.equal(loader.loaded.size, inKernel.length)
        }
      }),
      { numRuns: 150 },
    )
  })

  it('have a unique name in each namespace of each domain', async () => {
    const registry = new PolicyRegistry(new FakeLoader())
    for (const [namespace, domain] of [
      ['', 'grpc'],
      ['', 'mine'],
      ['a', 'grpc'],
      ['b', 'grpc'],
    ]) {
      const one = { ...watching('one'), namespace }
      await add(registry, one, domain)
      await assert.rejects(add(registry, one, domain), { code: 'exists' })
    }
    await registry.remove({ name: 'one', namespace: 'a', domain: 'grpc' })
    const left = registry.list().map(({ namespace, domain }) => [namespace, domain])
    assert.deepEqual(left, [
      ['', 'grpc'],
      ['', 'mine'],
      ['b', 'grpc'],
    ])
  })

  it('of detection rules are listed only if asked for; no other policy can look like them', async () => {
    const registry = new PolicyRegistry(new FakeLoader())
    const rules: PolicyOrigin = { domain: 'rules', owner: 'it is generated' }
    await registry.put(rules, policyDocument('detection-rules-open'))
    await add(registry, watching('mine'))
    await add(registry, watching('other'), 'others')
    await assert.rejects(add(registry, watching('detection-rules-mine')), {
      code: 'invalid',
      message: /belong to detection rules/,
    })
    const names = (wanted?: ListedPolicies) => registry.list(wanted).map(({ name }) => name)
    assert.deepEqual(names(), ['mine', 'other'])
    assert.deepEqual(names({ rules: true }), ['detection-rules-open', 'mine', 'other'])
    assert.deepEqual(names({ domain: 'rules' }), ['detection-rules-open'])
    assert.deepEqual(
      registry.selections().map(({ id }) => id.name),
      ['mine', 'other'],
    )
  })

  it('do not wait for others', async () => {
    const loader = new FakeLoader()
    const registry = new PolicyRegistry(loader)
    let letGo = (): void => {}
    const held = new Promise<void>((resolve) => {
      letGo = resolve
    })
    const { step } = loader
    loader.step = async (kind, document) => {
      if (document.policy.name === 'slow') await held
      return step.call(loader, kind, document)
    }
    const slow = add(registry, watching('slow'))
    const again = registry.remove({ name: 'slow', namespace: '', domain: 'grpc' })
    await add(registry, watching('quick'))
    const states = registry.list().map(({ name, state }) => [name, state])
    assert.deepEqual(states, [
      ['slow', 'TP_STATE_LOADING'],
      ['quick', 'TP_STATE_ENABLED'],
    ])
    letGo()
    await Promise.all([slow, again])
    assert.deepEqual(loader.names, ['quick'])
  })

  it('cancel the load of a policy that is deleted while it loads', async () => {
    const loader = new FakeLoader()
    const registry = new PolicyRegistry(loader)
    let letGo = (): void => {}
    const held = new Promise<void>((resolve) => {
      letGo = resolve
    })
    let isHeld = (): void => {}
    const loading = new Promise<void>((resolve) => {
      isHeld = resolve
    })
    loader.before = () => {
      isHeld()
      return held
    }
    const added = add(registry, watching('slow'))
    await loading
    assert.deepEqual(registry.list()[0].loading, { done: 0, total: 0 })
    const removed = registry.remove({ name: 'slow', namespace: '', domain: 'grpc' })
    letGo()
    await assert.rejects(added, /^AgentError: load policy slow: deleted$/)
    await removed
    assert.deepEqual([registry.list(), loader.names], [[], []])
  })

  it('that only observe have no mode to set', async () => {
    const registry = new PolicyRegistry(new FakeLoader())
    await add(registry, watching('a'))
    const id = { name: 'a', namespace: '', domain: 'grpc' }
    await assert.rejects(registry.configure(id, { mode: 'enforce' }), (error: RequestError) => {
      assert.equal(error.code, 'refused')
      assert.match(error.message, /^set mode of policy a: its mode is monitor_only/)
      return true
    })
  })

  it('keep their mode when their source replaces a text that did not load', async () => {
    const loader = new FakeLoader()
    const registry = new PolicyRegistry(loader)
    const document = policyDocument('a', { action: 'Sigkill' })
    const id = { name: 'a', namespace: '', domain: origin.domain }
    loader.fails = () => true
    await assert.rejects(registry.put(origin, document))
    await registry.configure(id, { mode: 'monitor' })
    loader.fails = () => false
    assert.equal(await registry.put(origin, document), 'added')
    const [status] = registry.list()
    assert.equal(status?.mode, 'TP_MODE_MONITOR')
    assert.equal(status?.state, 'TP_STATE_ENABLED')
  })

  it('of which a function is missing are partially enabled', async () => {
    const registry = new PolicyRegistry(new FakeLoader())
    const yaml = policyText('a').replace('    sys', '    ignore: {callNotFound: true}\n    sys')
    await registry.put(origin, readPolicies(yaml, 'policy.yaml').documents[0])
    const [{ state, enabled, hook_statuses }] = registry.list()
    assert.deepEqual([state, enabled], ['TP_STATE_PARTIALLY_ENABLED', true])
    assert.equal(hook_statuses?.[0].state, 'STATUS_CALL_NOT_FOUND')
  })
})
