import type { Addition } from './addition.ts'

const kernelSide = `import { type Program, type Ptr, program, tpBtf } from '@tetragon-ts/ebpf/lang'
import { record, u32, u64 } from '@tetragon-ts/ebpf/records'
import { countLoss } from '../kernel/loss.ts'
import { events } from '../kernel/maps.ts'
import type { TaskStruct } from '../kernel/types.ts'
import { recordKind } from '../records/kinds.ts'

/** The priority of a process has changed. */
export const DummyRecord = record('dummy', { kind: u32, pid: u32, time: u64 })

export function dummyProgram(): Program {
  const hook = tpBtf<[task: Ptr<TaskStruct>]>('sched_pi_setprio')
  return program('tg_dummy', hook, (k, task) => {
    const value = { kind: recordKind.dummy, pid: task.tgid, time: k.bootTime() }
    k.submit(events, DummyRecord, value, () => countLoss(k, 'exit'))
  })
}
`

const handler = `import { type RecordMemory, type RecordReader, reader } from '@tetragon-ts/ebpf/records'
import { eventClass } from '@tetragon-ts/outputs/queue'
import { DummyRecord } from '@tetragon-ts/sensors/process/dummy'
import type { EventContext } from '../event-context.ts'
import { writeEnvelope } from '../json/event-lines.ts'
import type { RecordHandler } from './record-handler.ts'

/** Events process_dummy. */
export class DummyEvents implements RecordHandler {
  readonly #context: EventContext
  readonly #record: RecordReader<typeof DummyRecord.shape>
  written = 0

  constructor(context: EventContext, memory: RecordMemory) {
    this.#context = context
    this.#record = reader(DummyRecord, memory)
  }

  record(offset: number): void {
    this.#record.at(offset)
    const { pid, time } = this.#record
    const { out, stage } = this.#context
    const from = out.length
    this.written++
    out.latin1(\`{"process_dummy":{"pid":\${pid}}\`)
    writeEnvelope(this.#context, eventClass.process, Math.floor(time / 2 ** 32), time % 2 ** 32)
    stage?.event(from, 'process_dummy', undefined, undefined, undefined)
  }

  count(): void {}
}
`

const sink = `import { NoSink } from './no-sink.ts'

/** Hands its lines to the function of an object. */
export class DummySink extends NoSink {
  readonly #lines: string[]

  constructor(lines: string[]) {
    super()
    this.#lines = lines
  }

  override write(bytes?: Buffer, length?: number): undefined {
    if (bytes) this.#lines.push(bytes.toString('utf8', 0, length))
  }
}
`

/** A kind of event with its record, an option of the reader, and an output. */
export const agentAdditions: readonly Addition[] = [
  {
    title: 'A kind of event',
    most: 5,
    name: {
      file: 'api/src/events/stream-events.ts',
      insert: {
        'export type RateLimitInfo = MessageOf<typeof RateLimitInfo>\n':
          "\nexport const ProcessDummy = message('ProcessDummy', { pid: uint64(1) })\n",
        'export const streamEvents = {\n':
          'process_dummy: { number: 99, message: ProcessDummy, repeats: false, ownRecord: true },\n',
      },
    },
    missing: ['api/src/events/stream-events.ts', 'agent/src/reader/record-dispatch.ts'],
    rest: [
      {
        file: 'api/src/events/stream-events.ts',
        insert: {
          'export const streamLines: LinesOf<typeof streamEvents> = {\n': `process_dummy({ pid }) {
            return { icon: '🧪', word: 'dummy', process: null, columns: [plain(pid?.toString())] }
          },\n`,
        },
      },
      { file: 'sensors/src/process/dummy.ts', create: kernelSide },
      { file: 'agent/src/reader/handlers/dummy-events.ts', create: handler },
      {
        file: 'agent/src/reader/record-dispatch.ts',
        insert: {
          "import { ControlGroups } from './handlers/control-groups.ts'\n":
            "import { DummyEvents } from './handlers/dummy-events.ts'\n",
          '  readonly throttle: ThrottleEvents\n': '  readonly dummy: DummyEvents\n',
          '    this.throttle = new ThrottleEvents(context, this.#memory)\n':
            '    this.dummy = new DummyEvents(context, this.#memory)\n',
          'this.handlers = [': 'this.dummy, ',
          '      throttle: (offset) => throttle.record(offset),\n':
            '      dummy: (offset) => this.dummy.record(offset),\n',
        },
      },
      {
        file: 'sensors/src/process/sensor.ts',
        insert: {
          "import type { CgroupRate } from './cgroup-rate.ts'\n":
            "import { dummyProgram } from './dummy.ts'\n",
          'const hookPrograms = {\n':
            '  dummy: () => ({ program: dummyProgram(), scratch: undefined, another: undefined }),\n',
        },
      },
    ],
  },
  {
    title: 'An agent option that reaches the reader',
    most: 4,
    name: {
      file: 'agent/src/reader/protocol.ts',
      insert: {
        'export interface ReaderOptions extends OutputOptions {\n': 'readonly dummy: string\n',
      },
    },
    missing: ['agent/src/reader/protocol.ts', 'agent/src/config/agent-options.ts'],
    rest: [
      {
        file: 'agent/src/config/families/content.ts',
        insert: {
          'export const contentOptions = {\n':
            "dummy: text({ help: 'name of the node in events' }),\n",
        },
      },
      {
        file: 'agent/src/config/agent-options.ts',
        insert: { '    sink: sinkOptions(settings),\n': '    dummy: settings.dummy,\n' },
      },
      {
        file: 'agent/src/reader/protocol.ts',
        insert: { '  return {\n    ringSize,\n': '    dummy: options.dummy,\n' },
      },
      {
        file: 'agent/src/reader/worker.ts',
        insert: {
          'const node = new NodeFields(': 'options.dummy || ',
          // The test calls it.
          '// A failure becomes an error of the thread.\n': 'export { contextOf }\n',
        },
      },
    ],
  },
  {
    title: 'An output',
    most: 2,
    name: {
      file: 'agent/src/reader/outputs/open-sink.ts',
      insert: { 'interface Kinds {\n': 'readonly dummy: { readonly lines: string[] }\n' },
    },
    missing: ['agent/src/reader/outputs/open-sink.ts'],
    rest: [
      { file: 'agent/src/reader/outputs/dummy-sink.ts', create: sink },
      {
        file: 'agent/src/reader/outputs/open-sink.ts',
        insert: {
          "import type { BackupLimits } from './backups.ts'\n":
            "import { DummySink } from './dummy-sink.ts'\n",
          'const openers: Openers = {\n': 'dummy: async ({ lines }) => new DummySink(lines),\n',
        },
      },
    ],
  },
]
