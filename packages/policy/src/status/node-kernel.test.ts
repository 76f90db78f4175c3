import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kernelPieces, kernelText, readKernelText } from './index.ts'

const kernel = { hash: 'a'.repeat(64), size: 2_500_000 }

test('the kernel of a report is read as it was written, and nothing else is', () => {
  assert.deepEqual(readKernelText(kernelText(kernel)), kernel)
  for (const wrong of [
    ...[undefined, 1, '', kernel.hash, `${kernel.hash}/`, `${kernel.hash}/0`, `x${kernel.hash}/1`],
    ...[`${kernel.hash}/1\n`, `${kernel.hash}/99999999999`, `${'A'.repeat(64)}/1`, [kernel.hash]],
  ]) {
    assert.equal(readKernelText(wrong), undefined, String(wrong))
  }
})

test('a description has as many pieces as it needs, up to a maximum', () => {
  const pieces = (size: number) => kernelPieces({ ...kernel, size })
  assert.deepEqual([1, 1 << 18, (1 << 18) + 1, 1 << 22].map(pieces), [1, 1, 2, 16])
  assert.equal(pieces((1 << 22) + 1), undefined)
})
