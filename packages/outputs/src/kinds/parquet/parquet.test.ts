import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { sumOf } from '../../queue/event-class.ts'
import { execLine, queued } from '../../testing/lines.ts'
import { sampleFindings, sampleKeys, sampleLine } from '../../testing/sample-events.ts'
import { range, TestOutput } from '../../testing/test-outputs.ts'
import { until } from '../../testing/until.ts'
import { openParquet } from './open-parquet.ts'
import { filesIn, numbersIn, rowsOf, unfinishedIn } from './testing/parquet-rows.ts'
import { completeLeftOvers } from './unfinished-file.ts'

const never = new AbortController().signal

describe('Parquet files', () => {
  let root: string
  let folder: string
  let output: TestOutput
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'parquet-'))
    folder = join(root, 'events')
  })
  afterEach(async () => {
    await output?.finish(0)
    rmSync(root, { recursive: true })
  })

  const open = async (parameters = ''): Promise<void> => {
    output = await TestOutput.open(`parquet://${folder}?batch-wait=0s${parameters}`)
  }
  const sent = async (count: number): Promise<void> => {
    await until(() => output.status.sent >= count)
  }

  it('have a row for each event of any kind', async () => {
    await open('&original=true')
    const lines = sampleKeys.map((key) => sampleLine(key, { findings: sampleFindings }))
    output.add(...lines)
    await output.finish()
    const originals = await rowsOf(folder, 'SELECT kind, original FROM files')
    assert.deepEqual(
      originals,
      sampleKeys.map((key, index) => [key, String(lines[index])]),
    )
    const columns = 'time::VARCHAR, node, pid, auid, program, container, status, findings, dropped'
    const one = (kind: string) => `SELECT ${columns} FROM files WHERE kind = '${kind}'`
    const [exit] = await rowsOf(folder, one('process_exit'))
    const findings = JSON.stringify(sampleFindings)
    const time = '2026-01-02 03:04:05.123456'
    const process = [42, 1000, '/usr/bin/cat', 'web']
    assert.deepEqual(exit, [time, 'node-1', ...process, 3, findings, null])
    const [loss] = await rowsOf(folder, one('rate_limit_info'))
    assert.deepEqual(loss, [time, 'node-1', null, null, null, null, null, findings, '12'])
    assert.equal(output.status.sent, lines.length)
  })

  it('are complete when readers see them, private, and named by hour and node', async () => {
    await open()
    output.addExecs(1, 100)
    await sent(100)
    assert.deepEqual(filesIn(folder), [])
    output.addExecs(101, 200)
    await sent(200)
    await output.finish()
    const [name, ...others] = filesIn(folder)
    assert.deepEqual(others, [])
    assert.match(name, /^\d{4}-\d\d-\d\dT\d\dZ\.node-1\./)
    assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600)
    assert.equal(statSync(folder).mode & 0o777, 0o700)
    assert.deepEqual(unfinishedIn(folder), [])
    assert.deepEqual(await numbersIn(folder), range(1, 200))
  })

  it('are complete after some time, or when they are large', async () => {
    await open('&file-age=1s')
    output.addExecs(1, 10)
    await sent(10)
    await until(() => filesIn(folder).length > 0)
    assert.deepEqual(await numbersIn(folder), range(1, 10))
    await output.finish()
    await open('&file-size=1K')
    output.addExecs(11, 20)
    await sent(20 - 10)
    await until(() => filesIn(folder).length >= 2)
    assert.equal((await numbersIn(folder)).length, 20)
  })

  it('belong to the hour in which their events arrived', async () => {
    const target = { nodeName: '../n', version: '1' }
    const url = new URL(`parquet://${folder}`)
    const values = { 'file-age': 60_000, 'file-size': 1 << 20, 'batch-size': 1 << 20 }
    const rest = { 'batch-wait': 0, original: false }
    const connection = await openParquet({ ...target, url, values: { ...values, ...rest } })
    const hour = 3_600_000
    const events = range(1, 4).map((number) => {
      return { ...queued(execLine(number)), arrived: Math.ceil(number / 2) * hour - 1 }
    })
    assert.deepEqual(await connection.send(events, never), {})
    await connection.finish?.()
    connection.close()
    const names = filesIn(folder).map((name) => name.slice(0, 20))
    assert.deepEqual(names, ['1970-01-01T00Z.___n.', '1970-01-01T01Z.___n.'])
    assert.deepEqual(await numbersIn(folder), [1, 2, 3, 4])
  })

  it('survive kill -9 with all events that were written', async () => {
    const child = spawn(process.execPath, [
      join(import.meta.dirname, 'testing/endless-writer.js'),
      folder,
    ])
    const [count] = await once(child.stdout, 'data')
    assert.equal(String(count).trim(), '3000')
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
    assert.deepEqual(filesIn(folder), [])
    const unfinished = unfinishedIn(folder).filter((name) => name.endsWith('.parquet'))
    assert.equal(unfinished.length, 1)
    // A part of a row group, and a part of the end of the file.
    appendFileSync(join(folder, '.unfinished', unfinished[0]), Buffer.alloc(1000, 1))
    writeFileSync(join(folder, '.unfinished', `${unfinished[0]}@99999999.part`), 'x')
    // The end of a file that is complete already.
    writeFileSync(join(folder, '.unfinished', `${unfinished[0].replace(/\.\w+\./, '.0.')}@9`), '')
    await open()
    await until(() => filesIn(folder).length > 0)
    assert.deepEqual(await numbersIn(folder), range(1, 3000))
    await output.finish()
    assert.deepEqual(unfinishedIn(folder), [])
  })

  it('of two outputs to one folder are complete, each by itself', async () => {
    await open()
    output.addExecs(1, 10)
    await sent(10)
    const other = await TestOutput.open(`parquet://${folder}?batch-wait=0s`)
    other.addExecs(11, 20)
    await other.finish()
    assert.deepEqual(await numbersIn(folder), range(11, 20))
    output.addExecs(21, 30)
    await output.finish()
    assert.equal((await numbersIn(folder)).length, 30)
  })

  it('wait in the queue while the folder cannot be made', async () => {
    writeFileSync(folder, 'a file')
    await open()
    output.addExecs(1, 10)
    await until(() => output.warnings.length > 0)
    assert.match(output.warnings[0], /^output out failed: ENOTDIR: not a directory/)
    rmSync(folder)
    await sent(10)
    await output.finish()
    assert.deepEqual(await numbersIn(folder), range(1, 10))
  })

  it('are begun anew if the folder is removed', async () => {
    await open()
    output.addExecs(1, 10)
    await sent(10)
    rmSync(folder, { recursive: true })
    output.addExecs(11, 20)
    await sent(20)
    await output.finish()
    assert.deepEqual(await numbersIn(folder), range(11, 20))
    assert.match(output.warnings[0], /ENOENT/)
  })

  it('are not held up by one that cannot be completed', async () => {
    await open()
    output.addExecs(1, 10)
    await sent(10)
    const [name] = unfinishedIn(folder)
    const path = join(folder, '.unfinished', name)
    const elsewhere = join(root, name)
    renameSync(path, elsewhere)
    mkdirSync(path)
    output.addExecs(11, 20)
    await sent(20)
    assert.match(output.warnings[0], /the file was replaced/)
    // It is tried again when the next one is complete.
    rmdirSync(path)
    renameSync(elsewhere, path)
    await output.finish()
    assert.deepEqual(await numbersIn(folder), range(1, 20))
  })

  it('left by another process are completed, also after one that cannot be', async () => {
    await open()
    output.addExecs(1, 10)
    await sent(10)
    const names = unfinishedIn(folder)
    const copy = join(root, 'copy')
    const inCopy = (name: string) => join(copy, '.unfinished', name)
    mkdirSync(join(copy, '.unfinished'), { recursive: true })
    // As an agent leaves it that was killed.
    for (const name of names) copyFileSync(join(folder, '.unfinished', name), inCopy(name))
    const file = names.find((name) => name.endsWith('.parquet')) ?? ''
    mkdirSync(inCopy(file.replace(/^[^.]*/, '0')))
    await assert.rejects(completeLeftOvers(copy, 'node-1'), { syscall: 'unlink' })
    assert.deepEqual(await numbersIn(copy), range(1, 10))
  })

  it('can be read with any text that a process chooses', async () => {
    const half = '\ud800'
    const args = [{ string_arg: `a${half}` }, { string_arg: '\0' }, { string_arg: '\\ud800' }]
    const long = 'x'.repeat(300_000)
    const execs = [`b${half}`, 'c\0d', `${long}1`, `${long}2`].map((text) => {
      return { process_exec: { process: { arguments: text, binary_properties: { [half]: text } } } }
    })
    const times = ['99999-01-01T00:00:00Z', '1600-01-01T00:00:00Z', '2026-01-01T25:00:00Z']
    const events = [...execs, { process_kprobe: { args, tags: [half, '\0'] } }]
    const hostile = [...events, ...times.map((time) => ({ process_exec: {}, time }))]
    await open('&batch-size=100K')
    output.add(...hostile.map((event) => Buffer.from(JSON.stringify(event))))
    await output.finish()
    assert.deepEqual([output.status.sent, output.status.refused], [hostile.length, 0])
    const sql = `SELECT arguments FROM files WHERE arguments >= 'b' ORDER BY length(arguments), 1`
    const texts = (await rowsOf(folder, sql)).flat()
    assert.deepEqual(texts, ['b\ufffd', 'c\0d', `${long}1`, `${long}2`])
    const hooks = `SELECT args, tags FROM files WHERE kind = 'process_kprobe'`
    const [[read, tags]] = await rowsOf(folder, hooks)
    const [{ string_arg: first }, ...others] = JSON.parse(String(read))
    assert.deepEqual([first, others, tags], ['a\ufffd', args.slice(1), ['\ufffd', '\0']])
    // The end of a file has bounds of values, of each row group.
    for (const name of filesIn(folder)) assert.ok(statSync(join(folder, name)).size < 1 << 16)
  })

  it('do without lines that are not events, and bound what waits', async () => {
    await open('&queue=1M')
    const deep = `{"process_exec":{"process":{"binary_properties":${'['.repeat(5e3)}${']'.repeat(5e3)}}}}`
    const garbage = ['garbage', '{"process_exec":null}', '{"process_exec":{"process":7}}', deep]
    output.add(execLine(1), ...garbage.map((text) => Buffer.from(text)), execLine(2))
    await sent(2)
    await output.finish()
    assert.deepEqual(await numbersIn(folder), [1, 2])
    const [[rows]] = await rowsOf(folder, 'SELECT count(*) FROM files')
    const { sent: written, refused, lost } = output.status
    assert.deepEqual([written + refused, Number(rows), sumOf(lost)], [6, written, 0])
    assert.ok(refused >= 2)
  })
})
