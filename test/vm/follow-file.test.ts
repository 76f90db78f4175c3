import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { FileFollower, lineSplitter } from './follow-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'follow-'))
after(() => rmSync(folder, { recursive: true }))

describe('FileFollower', () => {
  it('hands on what is written before and after it is there, and what is left at the end', async () => {
    const path = join(folder, 'file')
    let text = ''
    const follower = new FileFollower(path, (piece) => {
      text += piece
    })
    const euro = Buffer.from('€')
    appendFileSync(path, Buffer.concat([Buffer.from('one '), euro.subarray(0, 1)]))
    while (text === '') await delay(10)
    appendFileSync(path, euro.subarray(1))
    appendFileSync(path, ' two')
    follower.stop()
    assert.equal(text, 'one € two')
  })
})

describe('lineSplitter', () => {
  it('waits for the end of a line', () => {
    const lines: string[] = []
    const split = lineSplitter((line) => lines.push(line))
    for (const piece of ['a', 'b\nc', '\n\nd']) split(piece)
    assert.deepEqual(lines, ['ab', 'c', ''])
  })
})
