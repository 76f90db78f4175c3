import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { absence, KernelMissingError } from './kernel-image.ts'

describe('absence', () => {
  it('takes a suite that is gone, or has no such kernel, for a missing kernel', () => {
    const gone =
      "E: The repository 'http://mirror/debian bullseye Release' does not have a Release file."
    const error = absence('5.10', [gone])
    assert.ok(error instanceof KernelMissingError)
    assert.match(error.message, /no cloud kernel 5\.10 in bullseye, bullseye-security \(E: The/)
    assert.ok(absence('7', []) instanceof KernelMissingError)
  })

  it('does not take an archive that cannot be reached for one without the kernel', () => {
    const error = absence('5.10', ['E: Failed to fetch http://mirror/InRelease  Unable to connect'])
    assert.ok(!(error instanceof KernelMissingError))
    assert.match(error.message, /fetch kernel 5\.10: E: Failed to fetch/)
  })
})
