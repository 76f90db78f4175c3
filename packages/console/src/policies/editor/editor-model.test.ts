import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WorkerLink } from '../../page/worker-link.ts'
import { WorkerDouble } from '../../testing/worker-double.ts'

Object.assign(globalThis, {
  location: new URL('http://127.0.0.1/policies'),
  addEventListener: () => {},
  sessionStorage: { getItem: () => null, setItem() {}, removeItem() {} },
})
const { EditorModel } = await import('./editor-model.ts')

const text = 'spec:\n  options:\n  - {name: x}\n  kprobes: []\n'
const monitored =
  'spec:\n  options:\n  - {name: x}\n  - name: policy-mode\n    value: monitor\n  kprobes: []\n'

function edit() {
  const editor = new EditorModel(new WorkerLink(new WorkerDouble()))
  editor.open(text)
  return editor
}

test('a refusal of the text in mode monitor is at the lines of the editor', () => {
  const editor = edit()
  editor.refuse(text, monitored, 'n: policy:6:12: error: no hook\nn: policy:1:1: error: other')
  assert.equal(editor.refusal.value, 'n: policy:4:12: error: no hook\nn: policy:1:1: error: other')
  assert.deepEqual(
    editor.findings.value.map(({ line }) => line),
    [4, 1],
  )
})

test('the editor has the text that was loaded, unless the user has typed since', () => {
  const editor = edit()
  editor.saved(text, monitored, 'key')
  assert.deepEqual(editor.draft.value, { text: monitored, opened: monitored, key: 'key' })
  const busy = edit()
  busy.edit(`${text}# more\n`)
  busy.saved(text, monitored, 'key')
  assert.equal(busy.draft.value?.text, `${text}# more\n`)
  assert.ok(busy.isChanged.value)
  // It is about a text that is not shown any more.
  busy.refuse(text, monitored, 'no')
  assert.equal(busy.refusal.value, undefined)
})
