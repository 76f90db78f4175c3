import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PerfMap } from './perf-map.ts'

test('an address belongs to the function that contains it', () => {
  const map = new PerfMap('7f0000001000 20 JS:*outer /a.js:1:2\n7f0000001020 10 b\n')
  assert.deepEqual(map.find(0x7f0000001004), { name: 'JS:*outer /a.js:1:2', offset: 4 })
  assert.deepEqual(map.find(0x7f000000102f), { name: 'b', offset: 15 })
  assert.equal(map.find(0x7f0000001030), undefined)
  assert.equal(map.find(0x7f0000000fff), undefined)
})

test('of functions at one address the last one is found', () => {
  const map = new PerfMap('1000 100 old\n1010 10 inner\n1000 100 new\n3000 10 far\n')
  assert.deepEqual(map.find(0x1012), { name: 'new', offset: 0x12 })
  assert.deepEqual(new PerfMap('1000 100 a\n1010 10 b\n').find(0x1012), { name: 'b', offset: 2 })
  assert.deepEqual(new PerfMap('1000 100 a\n1010 10 b\n').find(0x1080), { name: 'a', offset: 0x80 })
})

test('lines that are no functions are skipped', () => {
  const map = new PerfMap(`\n\0\nzz 10 a\n10 zz a\n1000 10\n${'f'.repeat(40)} 1 a\n1000 10 b`)
  assert.deepEqual(map.find(0x1000), { name: 'b', offset: 0 })
  assert.equal(new PerfMap(`10 10 ${'x'.repeat(1e6)}`).find(0x10)?.name.length, 1024)
})

test('many functions at one address take bounded time', () => {
  const map = new PerfMap('1000 1 short\n'.repeat(100_000))
  assert.equal(map.find(0x2000), undefined)
  assert.equal(map.find(0x1000)?.name, 'short')
})
