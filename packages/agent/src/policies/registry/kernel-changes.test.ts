import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PolicyDocument } from '@tetragon-ts/policy'
import { AgentError } from '../../error.ts'
import { KernelChanges, type PolicyKernel } from './kernel-changes.ts'
import { policyDocument } from './testing/policy-text.ts'

interface Loaded {
  readonly name: string
}

/** A kernel side that records its calls in order. */
class NotingKernel implements PolicyKernel<Loaded> {
  readonly notes: string[] = []
  /** Steps that fail, such as `load a`. */
  readonly failing = new Set<string>()
  /** Loads wait for it. */
  gate: Promise<void> = Promise.resolve()

  async load({ policy: { name } }: PolicyDocument, predecessor: Loaded | undefined) {
    this.notes.push(`begin ${name}`)
    await this.gate
    this.#step(`load ${name}${predecessor ? ` after ${predecessor.name}` : ''}`)
    return { name }
  }

  async unload({ name }: Loaded, successor: Loaded | undefined): Promise<void> {
    this.#step(`unload ${name}${successor ? ` before ${successor.name}` : ''}`)
  }

  leftBehind({ message }: Error): void {
    this.notes.push(`left behind: ${message}`)
  }

  nameOf({ name }: Loaded): string {
    return name
  }

  #step(step: string): void {
    if (this.failing.has(step)) {
      this.notes.push(`${step} fails`)
      throw new AgentError('AGENT_POLICY', `${step}: refused`)
    }
    this.notes.push(step)
  }
}

/** Runs all promises that can be fulfilled. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function start() {
  const kernel = new NotingKernel()
  const changes = new KernelChanges(kernel)
  const names = () => [...changes.loaded].map(({ name }) => name)
  return { kernel, changes, names }
}

describe('changes of policies in the kernel', () => {
  it('load and unload', async () => {
    const { kernel, changes, names } = start()
    const a = await changes.add(policyDocument('a'))
    await changes.add(policyDocument('b'))
    assert.deepEqual(names(), ['a', 'b'])
    await changes.remove(a)
    assert.deepEqual(names(), ['b'])
    assert.deepEqual(kernel.notes, ['begin a', 'load a', 'begin b', 'load b', 'unload a'])
  })

  it('leave nothing of a policy that the kernel refuses', async () => {
    const { kernel, changes, names } = start()
    kernel.failing.add('load a')
    await assert.rejects(changes.add(policyDocument('a')), /^AgentError: load a: refused$/)
    assert.deepEqual(names(), [])
    await changes.add(policyDocument('b'))
    assert.deepEqual(names(), ['b'])
  })

  it('load a replacement before they unload what it replaces', async () => {
    const { kernel, changes, names } = start()
    const old = await changes.add(policyDocument('old'))
    await changes.replace(old, policyDocument('new'))
    assert.deepEqual(kernel.notes.slice(2), [
      'begin new',
      'load new after old',
      'unload old before new',
    ])
    assert.deepEqual(names(), ['new'])
  })

  it('keep a policy whose replacement is refused', async () => {
    const { kernel, changes, names } = start()
    const old = await changes.add(policyDocument('old'))
    kernel.failing.add('load new after old')
    await assert.rejects(changes.replace(old, policyDocument('new')), { code: 'AGENT_POLICY' })
    assert.deepEqual(names(), ['old'])
    assert.ok(!kernel.notes.some((note) => note.startsWith('unload')))
  })

  it('renew a policy in place of itself, and then change the new one', async () => {
    const { kernel, changes, names } = start()
    const old = await changes.add(policyDocument('a'))
    const waiting = [1, 2].map(() => changes.renew(old, () => policyDocument('a')))
    await Promise.all(waiting)
    assert.deepEqual(kernel.notes.slice(2), ['begin a', 'load a after a', 'unload a before a'])
    const renewed = changes.latest(old)
    assert.notEqual(renewed, old)
    assert.equal(changes.latest(renewed), renewed)
    await changes.renew(renewed, () => policyDocument('a'))
    await changes.adjust('set mode of', old, async (policy) => {
      assert.equal(policy, changes.latest(renewed))
    })
    // It was asked for before the policy is renewed once more.
    const again = changes.renew(changes.latest(old), () => policyDocument('a'))
    const replaced = changes.replace(old, policyDocument('b'))
    const [, last] = await Promise.all([again, replaced])
    assert.deepEqual(names(), ['b'])
    await changes.remove(last)
    assert.deepEqual(names(), [])
    await changes.renew(old, () => assert.fail('it is gone'))
  })

  it('keep a policy that cannot be renewed', async () => {
    const { kernel, changes, names } = start()
    const old = await changes.add(policyDocument('a'))
    kernel.failing.add('load a after a')
    await assert.rejects(
      changes.renew(old, () => policyDocument('a')),
      /refused/,
    )
    assert.equal(changes.latest(old), old)
    assert.deepEqual(names(), ['a'])
  })

  it('report a policy that stays beside its replacement', async () => {
    const { kernel, changes, names } = start()
    const old = await changes.add(policyDocument('old'))
    kernel.failing.add('unload old before new')
    await changes.replace(old, policyDocument('new'))
    assert.deepEqual(names(), ['old', 'new'])
    assert.equal(kernel.notes.at(-1), 'left behind: unload old before new: refused')
  })

  it('can be tried again after a removal that failed', async () => {
    const { kernel, changes, names } = start()
    const a = await changes.add(policyDocument('a'))
    kernel.failing.add('unload a')
    await assert.rejects(changes.remove(a), /unload a: refused/)
    assert.deepEqual(names(), ['a'])
    kernel.failing.clear()
    await changes.remove(a)
    assert.deepEqual(names(), [])
    const expected = { code: 'AGENT_POLICY', message: 'remove policy a: it is not loaded' }
    await assert.rejects(changes.remove(a), expected)
  })

  it('wait for each other, in the order of the calls', async () => {
    const { kernel, changes, names } = start()
    let open = (): void => {}
    kernel.gate = new Promise((resolve) => {
      open = resolve
    })
    kernel.failing.add('load b')
    const a = changes.add(policyDocument('a'))
    const b = changes.add(policyDocument('b'))
    const removed = a.then((policy) => changes.remove(policy))
    const c = changes.add(policyDocument('c'))
    await settle()
    assert.deepEqual(kernel.notes, ['begin a'])
    open()
    await assert.rejects(b)
    await Promise.all([a, removed, c])
    assert.deepEqual(kernel.notes, [
      ...['begin a', 'load a', 'begin b', 'load b fails'],
      ...['begin c', 'load c', 'unload a'],
    ])
    assert.deepEqual(names(), ['c'])
  })
})

describe('changes of policies in the kernel that are closed', () => {
  it('give what is loaded to the caller and refuse everything else', async () => {
    const { kernel, changes } = start()
    const a = await changes.add(policyDocument('a'))
    assert.deepEqual(changes.close(), [a])
    assert.deepEqual(changes.close(), [])
    const stopping = /policy \w: the agent is stopping$/
    await assert.rejects(changes.add(policyDocument('b')), stopping)
    await assert.rejects(changes.replace(a, policyDocument('b')), stopping)
    await assert.rejects(changes.remove(a), stopping)
    assert.deepEqual(kernel.notes, ['begin a', 'load a'])
  })

  it('unload a policy whose load ends later, and start no change that waits', async () => {
    const { kernel, changes, names } = start()
    let open = (): void => {}
    kernel.gate = new Promise((resolve) => {
      open = resolve
    })
    const loading = changes.add(policyDocument('a'))
    const waiting = changes.add(policyDocument('b'))
    await settle()
    assert.deepEqual(changes.close(), [])
    open()
    await assert.rejects(loading, /^AgentError: add policy a: the agent is stopping$/)
    await assert.rejects(waiting, /^AgentError: add policy b: the agent is stopping$/)
    assert.deepEqual(kernel.notes, ['begin a', 'load a', 'unload a'])
    assert.deepEqual(names(), [])
  })
})
