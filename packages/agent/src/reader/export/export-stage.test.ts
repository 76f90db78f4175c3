import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type EventKey, type Filter, parseEvent, processFlags } from '@tetragon-ts/api'
import { eventClass } from '@tetragon-ts/outputs/queue'
import { compileFilters, filterSubject, prepareFilters } from '@tetragon-ts/policy/filters'
import fc from 'fast-check'
import { ancestorsOf } from '../../processes/ancestors.ts'
import type { Process } from '../../processes/process.ts'
import { type ContainerText, noWorkload, type PodText } from '../../processes/workload.ts'
import { findingsMember } from '../findings/finding-json.ts'
import { writeAncestors } from '../json/ancestors-json.ts'
import { EventBuffer, WallClock } from '../json/event-lines.ts'
import { NodeFields } from '../json/node-fields.ts'
import { writeProcess } from '../json/process-json.ts'
import { ExportStage } from './export-stage.ts'
import type { ExportOptions } from './output-options.ts'

const node = new NodeFields('node', '')
const clock = new WallClock(0n)
const all: ExportOptions = {
  allow: [],
  deny: [],
  fieldFilters: [],
  hasExtensions: true,
  rateLimit: undefined,
}

function processOf(
  pid: number,
  binary: string,
  args: string,
  parent?: Process,
  more: Partial<Process> = {},
): Process {
  const json = JSON.stringify({ cwd: '/', binary, arguments: args })
  return {
    ...{
      pid,
      start: pid,
      execs: 0,
      ktime: pid,
      ktimeHigh: 0,
      ktimeLow: pid,
      euid: 0,
      auid: 0,
      flags: 0,
      namespacePid: 0,
      workload: noWorkload,
      details: '',
    },
    execId: `id${pid}`,
    parent,
    parentExecId: parent?.execId ?? '',
    image: Buffer.from(`,${json.slice(1, -1)}`).toString('latin1'),
    json: undefined,
    references: 1,
    ...more,
  }
}

/** A stage and the buffer that it reads. */
class Trial {
  readonly out = new EventBuffer()
  readonly streams = { isOpen: false }
  readonly stage: ExportStage
  readonly streamed: string[] = []

  constructor(options: Partial<ExportOptions>, recur = false) {
    this.stage = new ExportStage({ ...all, ...options }, this.out, node, this.streams, recur)
  }

  /** Writes an event. @returns its line */
  write(key: EventKey, process: Process, policy?: string, findings = ''): string {
    const { out } = this
    const from = out.length
    out.latin1(`{"${key}":{"process":`)
    writeProcess(out, process, clock, true)
    if (process.parent) {
      out.latin1(',"parent":')
      writeProcess(out, process.parent, clock, true)
    }
    const says = out.length
    if (policy !== undefined) out.latin1(`,"policy_name":"${policy}"`)
    const ancestors = out.length
    if (process.parent) writeAncestors(out, ancestorsOf(process.parent), clock, 32)
    const content = { from: says, ancestors, afterAncestors: out.length, count: 1 }
    out.latin1(`},${node.text},"time":"2026-01-01T00:00:00.${out.length % 1000}Z"`)
    out.findingsAt = findings === '' ? 0 : out.length
    out.latin1(`${findings}}\n`)
    out.endLine(policy === undefined ? eventClass.process : eventClass.hook)
    const line = out.bytes.toString('utf8', from, out.length)
    this.stage.event(from, key, policy, process, process.parent, content)
    return line
  }

  /** Lines exported since the last call. */
  take(): string[] {
    const { out } = this
    this.streamed.push(...linesOf(out.bytes, out.length))
    const from = this.stage.take()
    const { bytes, length, runs } = from
    from.clear()
    const found = linesOf(bytes, length)
    assert.equal(
      runs.reduce((sum, { lines }) => sum + lines, 0),
      found.length,
    )
    assert.equal(runs.at(-1)?.to ?? 0, length)
    out.clear()
    return found
  }
}

function linesOf(bytes: Buffer, length: number): string[] {
  return bytes
    .toString('utf8', 0, length)
    .split(/(?<=\n)/)
    .filter((line) => line !== '')
}

const text: PodText = {
  head: '{"namespace":"default","name":"xwing","container":{"name":"spaceship"',
  tail: '},"pod_labels":{"org":"alliance"}}',
  hasContainer: true,
  message: {
    namespace: 'default',
    name: 'xwing',
    container: { name: 'spaceship' },
    pod_labels: { org: 'alliance' },
  },
  labels: { org: 'alliance' },
  probes: [{ binary: 'curl', arguments: 'http://ä' }],
}
const init = processOf(1, '/sbin/init', '')
const outside: ContainerText = {
  head: '{"name":"tiefighter"',
  tail: '}',
  message: { name: 'tiefighter' },
}
const shell = processOf(5, '/bin/sh', '-c "x"', init, {
  workload: { docker: 'def', pod: undefined, container: outside },
})
const curl = processOf(3, '/usr/bin/curl', 'http://ä', shell, {
  namespacePid: 7,
  workload: { docker: 'abc', pod: { text }, container: undefined },
  details: ',"cap":{"effective":["CAP_NET_RAW"]}',
})
const child = processOf(4, '/bin/ls', '', shell, { flags: processFlags.inInitTree })
const processes = [init, shell, curl, child]

const filter: fc.Arbitrary<Filter> = fc.record(
  {
    event_set: fc
      .subarray(['PROCESS_EXEC', 'PROCESS_EXIT', 'PROCESS_KPROBE'] as const, { minLength: 1 })
      .map((types) => [...types]),
    binary_regex: fc.constantFrom(['^/bin/'], ['curl$', 'init'], ['x']),
    arguments_regex: fc.constantFrom(['http'], ['^$'], ['"']),
    parent_binary_regex: fc.constantFrom(['sh$'], ['init']),
    parent_arguments_regex: fc.constantFrom(['-c']),
    pid: fc.constantFrom([1, 3], [5]),
    pid_set: fc.constantFrom([5]),
    ancestor_binary_regex: fc.constantFrom(['init'], ['sh$']),
    capabilities: fc.constantFrom(
      { effective: { any: ['CAP_NET_RAW' as const] } },
      { effective: { none: ['CAP_NET_RAW' as const] } },
    ),
    container_id: fc.constantFrom(['^a'], ['^$']),
    in_init_tree: fc.boolean(),
    policy_names: fc.constantFrom(['p'], ['q']),
    namespace: fc.constantFrom([''], ['default']),
    namespace_regex: fc.constantFrom(['^def'], ['^$']),
    pod_regex: fc.constantFrom(['wing$'], ['y']),
    container_name_regex: fc.constantFrom(['^space'], ['^tie'], ['y']),
    health_check: fc.boolean(),
    labels: fc.constantFrom(['org=alliance'], ['org!=alliance'], ['!org']),
    cel_expression: fc.constantFrom(['process_exec.process.pid == 3u']),
  },
  { requiredKeys: [] },
)

describe('what is exported', () => {
  it('is what the filters of a stream accept', async () => {
    await prepareFilters([{ cel_expression: ['true'] }])
    const event = fc.record({
      key: fc.constantFrom('process_exec', 'process_exit', 'process_kprobe' as const),
      process: fc.constantFrom(...processes),
    })
    const filters = fc.array(filter, { maxLength: 3 })
    fc.assert(
      fc.property(
        filters,
        filters,
        fc.array(event),
        fc.boolean(),
        fc.boolean(),
        (allow, deny, events, isOpen, recur) => {
          for (const process of processes) process.filterAnswers = undefined
          const trial = new Trial({ allow, deny }, recur)
          trial.streams.isOpen = isOpen
          const written = events.map(({ key, process }) =>
            trial.write(key, process, key === 'process_kprobe' ? 'p' : undefined),
          )
          const match = compileFilters(allow, deny)
          const expected = written.filter((line) => {
            const parsed = parseEvent(line)
            return parsed.ok && match(filterSubject(parsed.event))
          })
          assert.deepEqual(trial.take(), expected)
          assert.deepEqual(trial.streamed, isOpen ? written : expected)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('may use more filters than cached results', () => {
    const deny = [...Array(38).fill(99), 3, 4].map((pid) => ({ pid: [pid] }))
    for (const process of processes) process.filterAnswers = undefined
    const trial = new Trial({ deny })
    const lines = processes.map((process) => trial.write('process_exec', process))
    assert.deepEqual(trial.take(), lines.slice(0, 2))
  })

  it('exports findings without the values that field filters leave out', () => {
    const found = { title: 'ä', level: 'high' }
    const fields = [{ field: 'CommandLine', value: 'secret' }]
    const member = findingsMember([{ ...found, fields }])
    const findingsWith = (options: Partial<ExportOptions>) => {
      const trial = new Trial(options)
      trial.write('process_exec', curl, undefined, member)
      trial.write('process_exec', curl)
      return trial.take().map((line) => JSON.parse(line).findings)
    }
    const fieldFilters = [{ fields: 'process.arguments', action: 'EXCLUDE' }] as const
    assert.deepEqual(findingsWith({}), [[{ ...found, fields }], undefined])
    assert.deepEqual(findingsWith({ fieldFilters }), [[found], undefined])
    for (const others of [{}, { fieldFilters }]) {
      assert.deepEqual(findingsWith({ hasExtensions: false, ...others }), [undefined, undefined])
    }
  })

  it('has the selected fields', () => {
    const trial = new Trial({ fieldFilters: [{ fields: 'process.pid' }] })
    const line = trial.write('process_exec', curl)
    assert.deepEqual(
      trial.take().map((each) => JSON.parse(each)),
      [{ process_exec: { process: { pid: 3 } }, node_name: 'node', time: JSON.parse(line).time }],
    )
    trial.streams.isOpen = true
    trial.write('process_exec', curl)
    trial.take()
    assert.deepEqual(trial.streamed, [line])
  })

  it('has no fields that Tetragon does not have, if clients refuse them', () => {
    const workload = ',"container":{"id":"c1"}'
    const own = processOf(5, '/bin/own', '', undefined, {
      image: `,"binary":"/bin/own"${workload}`,
    })
    const plain = new Trial({}).write('process_exec', own)
    assert.ok(plain.includes(workload))
    const trial = new Trial({ hasExtensions: false })
    trial.write('process_exec', own)
    assert.deepEqual(trial.take(), [plain.replace(workload, '')])
  })

  it('is limited in rate, and omitted events are reported', () => {
    const trial = new Trial({ rateLimit: 2 })
    for (let i = 0; i < 5; i++) trial.write('process_exec', curl)
    assert.equal(trial.take().length, 2)
    trial.stage.finish()
    const [notice, ...more] = trial.take().map((line) => JSON.parse(line))
    assert.deepEqual(notice.rate_limit_info, { number_of_dropped_process_events: '3' })
    assert.deepEqual([notice.node_name, more.length, trial.stage.rateLimited], ['node', 0, 3])
    assert.ok(parseEvent(JSON.stringify(notice)).ok)
  })

  it('has equal policy events once, before the exit of their process', () => {
    const trial = new Trial({ aggregation: { windowMs: 1e6, limit: 10 } })
    const first = trial.write('process_kprobe', curl, 'p')
    trial.write('process_kprobe', curl, 'p')
    const other = trial.write('process_kprobe', shell, 'p')
    const exec = trial.write('process_exec', child)
    assert.deepEqual(trial.take(), [exec])
    assert.ok(trial.stage.rest > 1e5)
    const exit = trial.write('process_exit', curl)
    const [joined, last, ...none] = trial.take()
    assert.deepEqual(JSON.parse(joined), { ...JSON.parse(first), aggregation_info: { count: '2' } })
    assert.deepEqual([last, none], [exit, []])
    trial.stage.finish()
    assert.deepEqual(trial.take(), [other])
  })
})
