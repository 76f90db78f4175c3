import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { AlertStates, bounded, noteMax } from './alert-states.ts'

const kept = new Map<string, string>()
let isFull = false
Object.assign(globalThis, {
  localStorage: {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem(name: string, text: string) {
      if (isFull) throw new Error('quota exceeded')
      kept.set(name, text)
    },
  },
})

beforeEach(() => {
  kept.clear()
  isFull = false
})

test('states outlive the page, and a closed alert that is hit again is new', () => {
  new AlertStates().mark({ key: 'a', last: 5 }, { state: 'closed', note: 'backup job' })
  const states = new AlertStates()
  assert.deepEqual(states.of({ key: 'a', last: 5 }), { state: 'closed', note: 'backup job' })
  assert.deepEqual(states.of({ key: 'a', last: 6 }), { state: 'new', note: 'backup job' })
  assert.deepEqual(states.of({ key: 'b', last: 6 }), { state: 'new', note: '' })
  states.mark({ key: 'b', last: 6 }, { state: 'seen' })
  assert.equal(states.of({ key: 'b', last: 9 }).state, 'seen')
})

test('a note stays with the next state, and a state with the next note', () => {
  const states = new AlertStates()
  const alert = { key: 'a', last: 5 }
  states.mark(alert, { note: 'backup job' })
  states.mark(alert, { state: 'closed' })
  assert.deepEqual(states.of(alert), { state: 'closed', note: 'backup job' })
  states.mark(alert, { note: '' })
  assert.deepEqual(states.of(alert), { state: 'closed', note: '' })
})

test('two tabs do not undo each other', () => {
  const [one, two] = [new AlertStates(), new AlertStates()]
  one.mark({ key: 'a', last: 1 }, { state: 'seen' })
  two.mark({ key: 'b', last: 1 }, { state: 'closed' })
  const later = new AlertStates()
  assert.equal(later.of({ key: 'a', last: 1 }).state, 'seen')
  assert.equal(later.of({ key: 'b', last: 1 }).state, 'closed')
})

test('what the browser keeps is bounded and checked', () => {
  assert.equal(bounded(Array.from({ length: 600 }, (_, i) => `${i}`)).at(-1), '599')
  assert.equal(bounded(Array.from({ length: 600 }, () => '')).length, 500)
  assert.equal(bounded(Array.from({ length: 60 }, () => 'a'.repeat(100_000))).length, 5)
  new AlertStates().mark({ key: 'a', last: 1 }, { state: 'seen', note: 'a'.repeat(2000) })
  assert.equal(new AlertStates().of({ key: 'a', last: 1 }).note.length, noteMax)
  for (const text of ['', 'null', '[1]', '["{}", "null", "{\\"key\\":1}"]']) {
    kept.set('alert-states', text)
    assert.equal(new AlertStates().of({ key: 'a', last: 1 }).state, 'new')
  }
})

test('without room in the browser, the state holds until the reload, and the page says so', () => {
  isFull = true
  const states = new AlertStates()
  states.mark({ key: 'a', last: 1 }, { state: 'seen' })
  states.mark({ key: 'b', last: 1 }, { state: 'closed' })
  assert.equal(states.of({ key: 'a', last: 1 }).state, 'seen')
  assert.equal(states.of({ key: 'b', last: 1 }).state, 'closed')
  assert.match(states.problem.value, /quota exceeded/)
})
