import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import { signal } from '@preact/signals'
import type { Finding } from '../../../checker/results.ts'
import type { KernelReport, KernelRequest, KernelResult } from '../../../kernels/protocol.ts'
import type { Draft } from '../draft.ts'
import type { EditorModel } from '../editor-model.ts'
import { KernelModel, kernelsMax } from './kernel-model.ts'

/** Workers that the model has started; they answer when the test wants it. */
let workers: FakeWorker[] = []

class FakeWorker {
  readonly name: string
  readonly requests: KernelRequest[] = []
  isEnded = false
  onmessage = (_: { data: KernelReport }) => {}
  constructor(_: string, { name }: { name: string }) {
    this.name = name
    workers.push(this)
  }
  postMessage(request: KernelRequest): void {
    this.requests.push(request)
  }
  terminate(): void {
    this.isEnded = true
  }
  answer(data: KernelReport): void {
    this.onmessage({ data })
  }
  /** Kinds of the requests, and the kernels or numbers that they name. */
  get asked(): unknown[][] {
    return this.requests.map((each) => [each.kind, 'id' in each ? each.id : each.number])
  }
}

beforeEach(() => {
  workers = []
  mock.timers.enable({ apis: ['setTimeout'] })
  Object.assign(globalThis, { Worker: FakeWorker, document: { querySelector: () => null } })
})
afterEach(() => {
  mock.timers.reset()
})

function editorOf(text: string) {
  const draft = signal<Draft | undefined>({ text, opened: text, key: '' })
  const kernelFindings = signal<readonly Finding[]>([])
  return { draft, kernelFindings } as unknown as EditorModel & { draft: typeof draft }
}

const file = (name: string) => new File(['content'], name)
const finding: Finding = { severity: 'error', line: 1, column: 2, text: 'no' }
const result: KernelResult = { checks: 1, failed: 1, rows: [], omitted: 0, findings: [finding] }

test('findings are those of the last text', async () => {
  const editor = editorOf('a')
  const model = new KernelModel(editor, undefined)
  await model.addFiles([file('a.kernel')])
  const [worker] = workers
  worker.answer({ kind: 'added', id: 1, release: '6.12' })
  mock.timers.tick(400)
  const first = worker.requests.at(-1)
  assert.ok(first?.kind === 'check')
  assert.deepEqual(first.kernels, [{ id: 1, name: '6.12' }])
  worker.answer({ kind: 'checked', number: first.number, result })
  assert.deepEqual(editor.kernelFindings.value, [finding])
  assert.equal(model.state.value, 'done')
  editor.draft.value = { text: 'b', opened: 'a', key: '' }
  assert.deepEqual(editor.kernelFindings.value, [])
  assert.equal(model.state.value, 'checking')
  // The answer about the text before is late.
  worker.answer({ kind: 'checked', number: first.number, result })
  assert.deepEqual(editor.kernelFindings.value, [])
})

test('a worker that was ended is started again for the next text, with its kernels', async () => {
  const editor = editorOf('a')
  const model = new KernelModel(editor, undefined)
  await model.addFiles([file('a.kernel')])
  workers[0].answer({ kind: 'added', id: 1, release: '6.12' })
  await model.addFiles([file('b.kernel')])
  mock.timers.tick(400)
  mock.timers.tick(20_000)
  assert.equal(workers[0].isEnded, true)
  const [read, unread] = model.chosen.value
  assert.equal(read.problem, undefined)
  assert.match(unread.problem ?? '', /has not answered/)
  assert.ok(typeof model.state.value === 'object')
  editor.draft.value = { text: 'b', opened: 'a', key: '' }
  mock.timers.tick(400)
  assert.deepEqual(
    workers[1].asked.map(([kind]) => kind),
    ['add', 'check'],
  )
})

test('a kernel for other processors has a worker of its own, until it is removed', async () => {
  const model = new KernelModel(editorOf('a'), undefined)
  await model.addFiles([file('a.kernel')])
  workers[0].answer({ kind: 'foreign', id: 1, architecture: 'arm64' })
  assert.deepEqual(
    workers.map(({ name, asked }) => [name, asked]),
    [
      ['x64', [['add', 1]]],
      ['arm64', [['add', 1]]],
    ],
  )
  workers[1].answer({ kind: 'added', id: 1, release: '6.12' })
  model.remove(1)
  assert.equal(workers[1].isEnded, true)
})

test('the number of kernels is limited', async () => {
  const model = new KernelModel(editorOf('a'), undefined)
  await model.addFiles(Array.from({ length: kernelsMax + 1 }, (_, i) => file(`${i}.kernel`)))
  assert.equal(model.chosen.value.length, kernelsMax)
  assert.match(model.problem.value ?? '', /^16\.kernel: at most 16 kernels/)
})
