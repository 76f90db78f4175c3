import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Log } from './log.ts'
import { LogFile } from './log-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'tetragon-log-'))
after(() => rmSync(folder, { recursive: true, force: true }))

async function until(test: () => boolean): Promise<void> {
  while (!test()) await sleep(1)
}

function captured() {
  const lines: string[] = []
  return { lines, log: new Log('info', (line) => lines.push(line)) }
}

describe('the log', () => {
  it('omits messages below its level, which can change', () => {
    const { lines, log } = captured()
    log.debug('a')
    log.level = 'debug'
    log.debug('b')
    log.level = 'error'
    log.warning('c')
    log.error('d')
    assert.deepEqual(lines, ['tetragon: b\n', 'tetragon: d\n'])
  })

  it('makes control characters visible, but keeps lines', () => {
    const { lines, log } = captured()
    log.info('read \x1b[2J\u202e:\n  at line 1')
    assert.deepEqual(lines, ['tetragon: read \\x1b[2J\\u202e:\n  at line 1\n'])
  })

  it('is one object per line as JSON', () => {
    const { lines, log } = captured()
    log.format = 'json'
    log.warning('two\nlines')
    assert.equal(lines.length, 1)
    assert.equal(lines[0].indexOf('\n'), lines[0].length - 1)
    const { time, ...rest } = JSON.parse(lines[0])
    assert.deepEqual(rest, { level: 'warning', msg: 'two\nlines' })
    assert.ok(Date.parse(time) > 0)
  })

  it('is also written to a file, with time and level, and continues in a new one', async () => {
    const { lines, log } = captured()
    const path = join(folder, 'log')
    const file = new LogFile(path)
    log.file = file
    log.info('one')
    renameSync(path, `${path}.1`)
    log.info('two')
    file.reopen()
    log.info('three')
    await file.close()
    await until(() => readFileSync(`${path}.1`, 'utf8').includes('two'))
    assert.match(readFileSync(`${path}.1`, 'utf8'), /^\S+Z info: one\n\S+Z info: two\n$/)
    assert.match(readFileSync(path, 'utf8'), /^\S+Z info: three\n$/)
    assert.equal(statSync(path).mode & 0o777, 0o600)
    assert.equal(lines.length, 3)
  })

  it('reports that its file cannot be created', () => {
    const message = /^write the log to \/none\/log: ENOENT/
    assert.throws(() => new LogFile('/none/log'), { code: 'AGENT_OPTION', message })
  })
})
