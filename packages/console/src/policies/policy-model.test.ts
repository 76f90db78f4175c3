import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answer, Call } from '../page/call.ts'
import { WorkerLink } from '../page/worker-link.ts'
import { WorkerDouble } from '../testing/worker-double.ts'

Object.assign(globalThis, {
  location: new URL('http://127.0.0.1/policies'),
  addEventListener: () => {},
  sessionStorage: { getItem: () => null, setItem() {}, removeItem() {} },
})
const { EditorModel } = await import('./editor/editor-model.ts')
const { PolicyModel } = await import('./policy-model.ts')

/** The agents of a model: each question waits until a test answers it. */
function modelOf() {
  const asked: { name: string; answer(response: object): void; fail(): void }[] = []
  const ask = (name: string) =>
    new Promise<Answer<object>[]>((resolve, reject) => {
      const answer = (response: object) => resolve([{ node: 'n', response }])
      asked.push({ name, answer, fail: () => reject(new Error('no answer')) })
    })
  const worker = new WorkerDouble()
  const editor = new EditorModel(new WorkerLink(worker))
  const settings = Promise.resolve({ allowsChanges: true, hasAgents: true })
  const parts = { call: ask as Call, measure: async () => [] }
  /** The first question of a name that has no answer, once it is asked. */
  const next = async (name: string) => {
    for (;;) {
      const at = asked.findIndex((each) => each.name === name)
      if (at >= 0) return asked.splice(at, 1)[0]
      await Promise.resolve()
    }
  }
  return { worker, editor, model: new PolicyModel(parts, settings, editor), next }
}

const added = { policies: [{ name: 'added' }] }

test('a policy may be listed before the agents have answered that they loaded it', async () => {
  const { worker, editor, model, next } = modelOf()
  editor.open('example')
  editor.edit('text')
  const check = { findings: [], policies: [{ name: 'added', namespace: '', enforces: true }] }
  worker.report({ kind: 'check', text: 'text', check })
  const saved = model.save(model.target.value!, 'text')
  const answerToSave = await next('AddTracingPolicy')
  model.refresh()
  ;(await next('ListTracingPolicies')).answer(added)
  await next('GetLosses')
  assert.equal(model.target.value?.loaded?.name, 'added')
  // The agents may still refuse it: the text is not saved.
  assert.ok(editor.isChanged.value)
  answerToSave.answer({})
  for (const name of ['ListTracingPolicies', 'GetLosses', 'GetPolicies']) (await next(name)).fail()
  await saved
  assert.ok(!editor.isChanged.value)
})

test('answers that arrive after later ones change nothing', async () => {
  const { model, next } = modelOf()
  model.selected.value = 'x'
  const refreshes = [model.refresh(), model.refresh(), model.refresh()]
  const [first, second, third] = [
    await next('ListTracingPolicies'),
    await next('ListTracingPolicies'),
    await next('ListTracingPolicies'),
  ]
  third.answer(added)
  ;(await next('GetLosses')).answer({})
  ;(await next('GetPolicies')).answer({ policies: [{ name: 'added', yaml: 'text' }] })
  await refreshes[2]
  first.answer({ policies: [] })
  second.fail()
  await Promise.all(refreshes)
  assert.deepEqual(
    model.policies.value.map(({ name }) => name),
    ['added'],
  )
  assert.equal(model.failure.value, undefined)
  assert.deepEqual([...model.texts.value.values()], ['text'])
})

test('texts that were read before a change do not replace those after it', async () => {
  const { model, next } = modelOf()
  model.selected.value = 'x'
  const textOf = (yaml: string) => ({ policies: [{ name: 'added', yaml }] })
  const step = async () => {
    const refreshed = model.refresh()
    ;(await next('ListTracingPolicies')).answer(added)
    ;(await next('GetLosses')).answer({})
    return { refreshed, texts: await next('GetPolicies') }
  }
  const before = await step()
  const after = await step()
  after.texts.answer(textOf('new'))
  before.texts.answer(textOf('old'))
  await Promise.all([before.refreshed, after.refreshed])
  assert.deepEqual([...model.texts.value.values()], ['new'])
})
