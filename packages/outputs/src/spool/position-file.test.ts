import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import fc from 'fast-check'
import { PositionFile } from './position-file.ts'

describe('the position of a spool', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'position-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const path = () => join(folder, 'position')

  async function read() {
    const file = new PositionFile(folder)
    const found = await file.read()
    await file.close()
    return found && { segment: found.segment, offset: found.offset }
  }

  async function write(...offsets: readonly number[]): Promise<void> {
    const file = new PositionFile(folder)
    await file.read()
    for (const offset of offsets) {
      file.write({ segment: 7, offset })
      await new Promise(setImmediate)
    }
    await file.close()
  }

  it('is the last one that was written', async () => {
    assert.equal(await read(), undefined)
    await write(100, 200, 300)
    assert.deepEqual(await read(), { segment: 7, offset: 300 })
    await write(400)
    assert.deepEqual(await read(), { segment: 7, offset: 400 })
    assert.equal(statSync(path()).mode & 0o777, 0o600)
  })

  it('is an earlier one if the last write was torn, wherever', async () => {
    await write(100)
    const before = readFileSync(path())
    await write(200)
    const after = readFileSync(path())
    for (let torn = 0; torn <= after.length; torn++) {
      const padded = Buffer.concat([before, Buffer.alloc(after.length - before.length)])
      writeFileSync(path(), Buffer.concat([after.subarray(0, torn), padded.subarray(torn)]))
      const { segment, offset } = (await read()) ?? {}
      assert.ok(segment === 7 && (offset === 100 || offset === 200), `${torn}: ${offset}`)
    }
  })

  it('is none if the file is anything else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 80 }), async (bytes) => {
        writeFileSync(path(), bytes)
        assert.equal(await read(), undefined)
      }),
      { numRuns: 50, examples: [[new Uint8Array(56)]] },
    )
  })
})
