import assert from 'node:assert/strict'
import { test } from 'node:test'
import { programCopies } from './program-copies.ts'

test('programs are attached twice where tracepoints are preemptible', () => {
  const once = ['5.10.0-46-cloud-amd64', '6.1.0', '6.12.48+deb13-amd64', '6.18.44-fc-v657']
  for (const kernel of once) assert.equal(programCopies(kernel), 1, kernel)
  // A distribution may have backported the change to the series before; a release without numbers
  // is unknown.
  for (const kernel of ['6.19.3', '7.0.1-cloud-amd64', '10.2', 'custom']) {
    assert.equal(programCopies(kernel), 2, kernel)
  }
})
