import assert from 'node:assert/strict'
import {
  appendFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { FollowedFile } from './followed-file.ts'

let folder: string
let path: string
let file: FollowedFile

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'followed-file-'))
  path = join(folder, 'tetragon.log')
  file = new FollowedFile(path)
})
afterEach(async () => {
  await file.close()
  rmSync(folder, { recursive: true })
})

/** Everything that can be read now. */
async function readAll(): Promise<string> {
  let text = ''
  for (;;) {
    const bytes = await file.read()
    if (bytes === undefined) return text
    text += Buffer.from(bytes).toString()
  }
}

test('a missing file is read from its start once it exists', async () => {
  assert.equal(await readAll(), '')
  writeFileSync(path, 'one\n')
  assert.equal(await readAll(), 'one\n')
  appendFileSync(path, 'two\n')
  assert.equal(await readAll(), 'two\n')
})

test('the old file is read to its end before the new one', async () => {
  writeFileSync(path, 'one\n')
  assert.equal(await readAll(), 'one\n')
  appendFileSync(path, 'two\n')
  renameSync(path, `${path}.old`)
  writeFileSync(path, 'three\n')
  assert.equal(await readAll(), 'two\nthree\n')
})

test('a renamed file is followed until there is a new one', async () => {
  writeFileSync(path, 'one\n')
  assert.equal(await readAll(), 'one\n')
  renameSync(path, `${path}.old`)
  appendFileSync(`${path}.old`, 'two\n')
  assert.equal(await readAll(), 'two\n')
  writeFileSync(path, '')
  assert.equal(await readAll(), '')
  appendFileSync(path, 'three\n')
  assert.equal(await readAll(), 'three\n')
})

test('a truncated file is read again from its start', async () => {
  writeFileSync(path, 'first\n')
  assert.equal(await readAll(), 'first\n')
  truncateSync(path)
  appendFileSync(path, 'new\n')
  assert.equal(await readAll(), 'new\n')
})

test('large files and lines are read as a whole', async () => {
  const text = `${'x'.repeat(200_000)}\n${'short\n'.repeat(50_000)}`
  writeFileSync(path, text)
  assert.equal(await readAll(), text)
})

test('a line is read when it is complete, also if its start was removed meanwhile', async () => {
  writeFileSync(path, 'one\npart')
  assert.equal(await readAll(), 'one\n')
  assert.equal(await readAll(), '')
  truncateSync(path, 4)
  appendFileSync(path, 'two\n')
  assert.equal(await readAll(), 'two\n')
})
