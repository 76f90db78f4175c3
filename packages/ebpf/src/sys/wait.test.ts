import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Doorbell } from './wait.ts'

it('a doorbell is answered once for all rings before, and is silent once it is closed', () => {
  const doorbell = new Doorbell()
  assert.equal(doorbell.answer(), false)
  doorbell.ring()
  doorbell.ring()
  assert.equal(doorbell.answer(), true)
  assert.equal(doorbell.answer(), false)
  doorbell.close()
  doorbell.close()
  doorbell.ring()
  assert.equal(doorbell.answer(), false)
})
