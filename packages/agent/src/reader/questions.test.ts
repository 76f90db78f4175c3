import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Command } from './protocol.ts'
import { Questions } from './questions.ts'

it('gives each question its answer, and none after the end of the thread', async () => {
  const sent: Command[] = []
  const questions = new Questions((command) => sent.push(command))
  const first = questions.ask('profile', { kind: 'endProfile' })
  const second = questions.ask('profile', { kind: 'endProfile' })
  const third = questions.ask('profile', { kind: 'endProfile' })
  const numbers = sent.map((command) => ('question' in command ? command.question : 0))
  questions.answer({ kind: 'profile', question: numbers[1], profile: 'second' })
  questions.answer({ kind: 'profile', question: numbers[0], profile: 'first' })
  assert.deepEqual(
    [await first, await second].map((answer) => answer?.profile),
    ['first', 'second'],
  )
  questions.end()
  assert.equal(await third, undefined)
  assert.equal(await questions.ask('profile', { kind: 'endProfile' }), undefined)
  assert.equal(sent.length, 3)
})
