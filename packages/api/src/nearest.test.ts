import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearest } from './nearest.ts'

test('the nearest name: letters changed, swapped, in other case, or part of a name', () => {
  const names = ['matchArgs', 'matchData', 'matchActions', 'CAP_SYS_ADMIN', 'Sigkill']
  assert.equal(nearest('matchArg', names), 'matchArgs')
  assert.equal(nearest('macthArgs', names), 'matchArgs')
  assert.equal(nearest('MATCHDATA', names), 'matchData')
  assert.equal(nearest('SYS_ADMIN', names), 'CAP_SYS_ADMIN')
  assert.equal(nearest('kill', names), 'Sigkill')
  assert.equal(nearest('selectors', names), undefined)
  assert.equal(nearest('x'.repeat(100), names), undefined)
})

test('the nearest of several similar names', () => {
  assert.equal(nearest('tcp_conect', ['tcp_connects', 'tcp_connect', 'udp_connect']), 'tcp_connect')
})
