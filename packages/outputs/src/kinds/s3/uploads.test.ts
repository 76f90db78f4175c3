import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { Uploads } from './uploads.ts'

describe('uploads', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'uploads-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const complete = (number: number): void => {
    writeFileSync(join(folder, `2026-01-01T00Z.node.1-1.${number}.parquet`), '')
  }

  it('let events wait while a bucket that is too slow has not taken 16 files', async () => {
    let take = (): void => {}
    const taken = new Promise<void>((resolve) => {
      take = resolve
    })
    const uploads = new Uploads(folder, { put: () => taken }, '')
    for (let number = 0; number < 15; number++) complete(number)
    uploads.start()
    await uploads.ready(AbortSignal.abort())
    complete(15)
    await assert.rejects(uploads.ready(AbortSignal.abort()), /the bucket takes files too slowly/)
    take()
    await uploads.ready(new AbortController().signal)
    assert.deepEqual(readdirSync(folder), [])
    uploads.close()
  })

  it('take a file that is complete while the last one ends, and nothing else', async () => {
    const keys: string[] = []
    const put = async (key: string): Promise<void> => void keys.push(key)
    const uploads = new Uploads(folder, { put }, 'a/')
    writeFileSync(join(folder, 'mine.parquet'), '')
    for (let number = 0; number < 50; number++) {
      complete(number)
      void uploads.finish()
      // Each one begins at another point of the one before.
      for (let turn = 0; turn < number; turn++) await undefined
    }
    await uploads.finish()
    assert.equal(new Set(keys).size, 50)
    assert.equal(keys[0], 'a/date=2026-01-01/hour=00/2026-01-01T00Z.node.1-1.0.parquet')
    assert.deepEqual(readdirSync(folder), ['mine.parquet'])
    uploads.close()
  })
})
