import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressIn } from './agent-info.ts'

test('programs that may use the socket of an agent with a TCP address use it', () => {
  const socket = 'unix:///var/run/tetragon/tetragon.sock'
  const [may, mayNot] = [() => true, () => false]
  assert.equal(addressIn({ server_address: 'localhost:54321' }, may), socket)
  assert.equal(addressIn({ server_address: 'localhost:54321' }, mayNot), 'localhost:54321')
  assert.equal(addressIn({ server_address: 'unix:///x.sock' }, may), 'unix:///x.sock')
  assert.equal(addressIn({}, may), '')
})
