import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import type { Call } from '../../../page/call.ts'
import { bytesOfFile, fetchKernel } from './kernel-bytes.ts'

const content = Buffer.from([0, 255, 7])
const hash = createHash('sha256').update(content).digest('hex')
const answer = (response: object, node = 'a') =>
  (async () => [{ node, response }]) as unknown as Call

test('a description is that of its hash', async () => {
  const right = answer({ description: content.toString('base64') })
  assert.deepEqual([...(await fetchKernel({ hash, nodes: ['a'] }, right))], [...content])
  const wrong = answer({ description: Buffer.from('other').toString('base64') })
  await assert.rejects(
    fetchKernel({ hash, nodes: ['a'] }, wrong),
    /not the one that its hash names/,
  )
  const failing = (async () => [{ node: 'a', failure: 'no route' }]) as unknown as Call
  await assert.rejects(fetchKernel({ hash, nodes: ['a'] }, failing), /^Error: no route$/)
})

test('a large file is not read', async () => {
  const file = { size: 9e9, arrayBuffer: () => assert.fail('it is read') } as unknown as File
  await assert.rejects(bytesOfFile(file), /9000000000 bytes, more than 8388608/)
  assert.deepEqual([...(await bytesOfFile(new File([content], 'a')))], [...content])
})
