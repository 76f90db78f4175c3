import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { ProgramResult } from '@tetragon-ts/test/archives'
import { answerRequests, type Request, send } from './mailbox.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailbox-'))
})
after(() => rm(folder, { recursive: true }))

describe('mailbox', () => {
  it('answers requests in order', async () => {
    const seen: Request[] = []
    const ended = answerRequests(folder, async (request) => {
      if (request.command[0] === 'end') throw new Error('end')
      seen.push(request)
      const exitCode = seen.length
      return { exitCode, signal: null, stdout: request.command.join(), stderr: '' } as ProgramResult
    })
    const first = await send(folder, { where: 'node', command: ['a', 'b'] }, () => {})
    const second = await send(folder, { where: 'machine', command: ['c'] }, () => {})
    assert.deepEqual([first.exitCode, first.stdout], [1, 'a,b'])
    assert.deepEqual([second.exitCode, second.stdout], [2, 'c'])
    assert.deepEqual(
      seen.map(({ where }) => where),
      ['node', 'machine'],
    )
    const broken = send(folder, { where: 'node', command: ['end'] }, () => {
      throw new Error('the machine has ended')
    })
    await Promise.all([
      assert.rejects(ended, /^Error: end$/),
      assert.rejects(broken, /^Error: the machine has ended$/),
    ])
  })
})
