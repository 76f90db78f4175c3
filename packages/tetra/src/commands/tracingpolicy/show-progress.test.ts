import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TracingPolicyStatus } from '@tetragon-ts/api'
import { progressLine, showProgress } from './show-progress.ts'

const loading = (done: number, total: number): TracingPolicyStatus[] => [
  { name: 'other', domain: 'grpc', loading: { done: 1, total: 2 } },
  { name: 'large', domain: 'grpc', loading: { done, total } },
]

test('the progress of a load is a percentage of its steps', () => {
  assert.equal(progressLine(loading(0, 300), 'large', 'grpc'), 'loading policy large: 0 %')
  assert.equal(progressLine(loading(299, 300), 'large', 'grpc'), 'loading policy large: 99 %')
  assert.equal(progressLine(loading(0, 0), 'large', 'grpc'), undefined)
  assert.equal(progressLine(loading(1, 2), 'large', 'files'), undefined)
  assert.equal(progressLine([{ name: 'large', domain: 'grpc' }], 'large', 'grpc'), undefined)
})

test('the progress is shown until the request has ended', async () => {
  let end = () => {}
  const request = new Promise<void>((_, reject) => {
    end = () => reject(new Error('refused'))
  })
  const answers = [loading(10, 300), loading(150, 300)]
  const agent = {
    call: async () => {
      const policies = answers.shift()
      if (policies === undefined) end()
      return { policies: policies ?? [] }
    },
  }
  let text = ''
  const terminal = { write: (more: string) => (text += more) }
  await showProgress(agent as never, 'large', '', request, terminal)
  const clear = '\r\x1b[K'
  const lines = ['loading policy large: 3 %', 'loading policy large: 50 %', '']
  assert.equal(text, lines.map((line) => `${clear}${line}`).join(''))
})
