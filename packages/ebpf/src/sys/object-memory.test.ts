import assert from 'node:assert/strict'
import { it } from 'node:test'
import { objectMemory } from './object-memory.ts'

it('memory of objects is what the kernel says, for a ring at least its data', () => {
  const map = (type: number, memory: number) =>
    `pos:\t0\nflags:\t02\nmap_type:\t${type}\nkey_size:\t0\nvalue_size:\t0\n` +
    `max_entries:\t16777216\nmap_flags:\t0x0\nmemlock:\t${memory}\nmap_id:\t7\n`
  assert.equal(objectMemory(map(27, 16_789_504)), 16_789_504)
  assert.equal(objectMemory(map(27, 0)), 16_777_216)
  assert.equal(objectMemory(map(1, 0)), 0)
  assert.equal(objectMemory('prog_type:\t5\nmemlock:\t4096\nprog_id:\t3\n'), 4096)
  assert.equal(objectMemory('pos:\t0\n'), undefined)
})
