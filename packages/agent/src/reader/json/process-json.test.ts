import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { ByteWriter } from '../../bytes/byte-writer.ts'
import { joinArguments } from '../../processes/join-arguments.ts'
import { type Process, workloadChanged } from '../../processes/process.ts'
import { EventBuffer, WallClock } from './event-lines.ts'
import { writeArguments, writeProcess } from './process-json.ts'

function write(bytes: Uint8Array, from = 0, to = bytes.length): string {
  const out = new ByteWriter()
  out.byte(0x22)
  writeArguments(out, bytes, from, to)
  out.byte(0x22)
  return out.bytes.toString('utf8', 0, out.length)
}

const argument = fc.oneof(
  fc.string({ unit: fc.constantFrom(' ', '"', 'a', '\\', '\n', 'é'), maxLength: 8 }),
  fc.string({ unit: 'binary' }).map((value) => value.replaceAll('\0', '')),
)

it('writes what the API joins', () => {
  fc.assert(
    fc.property(argument, fc.array(argument), (name, args) => {
      const bytes = Buffer.from([name, ...args].map((text) => `${text}\0`).join(''))
      assert.equal(write(bytes), JSON.stringify(joinArguments(args)))
    }),
    { numRuns: 1000 },
  )
})

it('takes a last argument without its zero byte', () => {
  assert.equal(write(Buffer.from('name\0one\0two words')), '"one \\"two words\\""')
})

it('writes nothing without arguments', () => {
  for (const text of ['', 'name', 'name\0']) assert.equal(write(Buffer.from(text)), '""')
})

it('reads nothing outside of its stretch', () => {
  assert.equal(write(Buffer.from('xx name\0one\0two\0'), 3, 11), '"one"')
})

it('writes a process alike, in however many events it is', () => {
  const process: Process = {
    ...{ pid: 7, start: 1, execs: 0, ktime: 1, ktimeHigh: 0, ktimeLow: 1, execId: 'a2V5' },
    ...{ parent: undefined, parentExecId: 'cGFyZW50', flags: 0, euid: 0, auid: 0 },
    ...{ namespacePid: 0, details: '', json: undefined, references: 0 },
    workload: { docker: 'abc', pod: undefined, container: undefined },
    image: Buffer.from(',"cwd":"/ü","binary":"/b"').toString('latin1'),
  }
  const out = new EventBuffer()
  const clock = new WallClock(0n)
  const text = (tid?: number): string => {
    out.clear()
    writeProcess(out, process, clock, true, tid)
    return out.bytes.toString('utf8', 0, out.length)
  }
  const first = text()
  for (let i = 0; i < 20; i++) {
    process.references = i
    assert.deepEqual(JSON.parse(text()), { ...JSON.parse(first), ...(i > 0 && { refcnt: i }) })
    assert.equal((JSON.parse(text(9)) as { tid: number }).tid, 9)
  }
  process.references = 0
  workloadChanged(process)
  Object.assign(process, { workload: { ...process.workload, docker: 'def' } })
  assert.equal((JSON.parse(text()) as { docker: string }).docker, 'def')
})
