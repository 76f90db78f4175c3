import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { codecOf, GetEventsResponse } from '@tetragon-ts/api'
import { eventClass, sumOf } from '@tetragon-ts/outputs/queue'
import { kernelProcess } from '../../processes/kernel-process.ts'
import { ExecIds } from '../../processes/process.ts'
import { writeAncestors } from '../json/ancestors-json.ts'
import { EventBuffer, WallClock, writeEnvelope } from '../json/event-lines.ts'
import { NodeFields } from '../json/node-fields.ts'
import { writeProcess } from '../json/process-json.ts'
import { WireEvents } from './event-tap.ts'
import { frameEnd, framePrefix } from './framing.ts'

const codec = codecOf(GetEventsResponse)
const clock = new WallClock(0n)

function newProcess(pid: number, image: string) {
  return {
    ...kernelProcess(new ExecIds('node')),
    pid,
    image: Buffer.from(image).toString('latin1'),
  }
}

/** Decoded messages, and decoded lines. */
function both(out: EventBuffer, wire: WireEvents) {
  wire.encode(out)
  const messages: unknown[] = []
  for (let at = 0; at < wire.length; at = frameEnd(wire.bytes, at)) {
    messages.push(codec.decode(wire.bytes.subarray(at + framePrefix, frameEnd(wire.bytes, at))))
  }
  const lines = out.bytes.toString('utf8', 0, out.length).trimEnd().split('\n')
  return { messages, said: lines.map((line) => codec.decode(codec.encode(JSON.parse(line)))) }
}

describe('messages of events', () => {
  it('have the content of the lines, whether or not their processes are cached', () => {
    const out = new EventBuffer()
    const wire = new WireEvents(out.processOffsets)
    const hostile = newProcess(7, String.raw`,"binary":"/\u001b[31mü","arguments":"}{\"tid\":1,"`)
    const plain = newProcess(8, ',"cwd":"/","binary":"/bin/a"')
    for (const isOn of [true, true, false, true]) {
      out.processOffsets.clear(isOn)
      for (const [process, tid] of [
        [hostile, 7],
        [plain, 9],
        [hostile, 7],
      ] as const) {
        out.latin1('{"process_exec":{"process":')
        writeProcess(out, process, clock, true, tid)
        out.latin1(',"parent":')
        writeProcess(out, plain, clock, false)
        out.latin1(',"ancestors":[')
        writeProcess(out, hostile, clock, true)
        out.latin1(']},"node_name":"n"}\n')
        out.endLine(eventClass.process)
        process.references++
      }
      const { messages, said } = both(out, wire)
      assert.deepEqual(messages, said)
      assert.equal(messages.length, 3)
      out.clear()
    }
    assert.equal(sumOf(wire.takeFailed()), 0)
  })

  it('include optional details', () => {
    const out = new EventBuffer()
    const wire = new WireEvents(out.processOffsets)
    out.processOffsets.clear(true)
    const ids = '"uid":0,"gid":1,"euid":2,"egid":3,"suid":4,"sgid":5,"fsuid":6,"fsgid":4294967295'
    const caps = '{"permitted":["CAP_CHOWN","DAC_OVERRIDE"],"effective":["CAP_CHECKPOINT_RESTORE"]}'
    const details =
      `,"cap":${caps},"process_credentials":{${ids},"securebits":["SecBitNoRoot"],"caps":${caps},` +
      '"user_ns":{"level":0,"uid":0,"gid":0,"ns":{"inum":4026531837,"is_host":true}}},' +
      '"ns":{"uts":{"inum":4026531838},"mnt":{"inum":1,"is_host":true}},"user":{"name":"ü"}'
    const process = {
      ...newProcess(7, ',"binary":"/bin/su"'),
      details: Buffer.from(details).toString('latin1'),
    }
    const properties =
      ',"binary_properties":{"setuid":0,"setgid":5,"privileges_changed":' +
      '["PRIVILEGES_RAISED_EXEC_FILE_SETUID","PRIVILEGES_RAISED_EXEC_FILE_CAP"],' +
      '"file":{"inode":{"number":"18446744073709551615","links":0}}}}'
    for (const _ of ['made', 'known']) {
      out.latin1('{"process_exec":{"process":')
      writeProcess(out, process, clock, false)
      out.length--
      out.latin1(`${properties},"parent":`)
      writeProcess(out, process, clock, true)
      writeAncestors(out, [process, process, process], clock, 2)
      out.latin1('},"node_name":"n","cluster_name":"c"}\n')
      out.endLine(eventClass.process)
    }
    const { messages, said } = both(out, wire)
    assert.deepEqual(messages, said)
    const [{ process_exec: exec }] = messages as GetEventsResponse[]
    assert.equal(exec?.process?.binary_properties?.file?.inode?.number, '18446744073709551615')
    assert.deepEqual(exec?.ancestors?.[1].user, { name: 'ü' })
    assert.deepEqual([exec?.ancestors?.length, exec?.ancestors_truncated], [2, true])
    assert.equal(exec?.parent?.ns?.mnt?.is_host, true)
    assert.equal(sumOf(wire.takeFailed()), 0)
  })

  it('have the labels of the node', () => {
    const out = new EventBuffer()
    const wire = new WireEvents(out.processOffsets)
    const node = new NodeFields('n', 'c')
    for (const [isOn, labels] of [
      [false, { zone: 'a' }],
      [true, { zone: 'a' }],
      [true, { 'ü"': '\n', zone: 'b' }],
      [true, {}],
    ] as const) {
      out.processOffsets.clear(isOn)
      node.setLabels(labels)
      for (const pid of [7, 8]) {
        out.latin1('{"process_exec":{"process":')
        writeProcess(out, newProcess(pid, ''), clock, false)
        out.byte(0x7d)
        writeEnvelope({ out, clock, node }, eventClass.process, 0, 5)
      }
      const { messages, said } = both(out, wire)
      assert.deepEqual(messages, said)
      const [, second] = messages as GetEventsResponse[]
      const expected = Object.keys(labels).length > 0 ? labels : undefined
      assert.deepEqual([second.node_labels, second.cluster_name], [expected, 'c'])
      out.clear()
    }
    assert.equal(sumOf(wire.takeFailed()), 0)
  })

  it('have no process of an event that was dropped before', () => {
    const out = new EventBuffer()
    const wire = new WireEvents(out.processOffsets)
    out.processOffsets.clear(true)
    const start = (pid: number, image: string): number => {
      const from = out.length
      out.latin1('{"process_exec":{"process":')
      writeProcess(out, newProcess(pid, image), clock, false)
      return from
    }
    const end = (): void => {
      out.latin1('},"node_name":"n"}\n')
      out.endLine(eventClass.process)
    }
    for (const [dropped, kept] of [
      // As long, shorter and longer.
      [7, 8],
      [7, 10],
      [10, 8],
    ] as const) {
      out.dropEvent(start(dropped, ',"binary":"/dropped"'))
      start(kept, ',"binary":"/written"')
      end()
      const line = start(dropped, ',"binary":"/dropped"')
      end()
      out.dropLine(line)
    }
    const { messages, said } = both(out, wire)
    assert.deepEqual(messages, said)
    assert.equal(messages.length, 3)
    assert.equal(sumOf(wire.takeFailed()), 0)
  })

  it('of members behind those that are known are read', () => {
    const out = new EventBuffer()
    const wire = new WireEvents(out.processOffsets)
    out.processOffsets.clear(true)
    out.latin1('{"process_exec":{"process":')
    writeProcess(out, newProcess(7, ''), clock, false)
    out.length--
    out.latin1(',"environment_variables":[{"Key":"A","Value":"{}"}]}}}\n')
    out.endLine(eventClass.process)
    const { messages, said } = both(out, wire)
    assert.deepEqual(messages, said)
  })
})
