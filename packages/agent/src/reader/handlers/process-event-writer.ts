import { processFlags } from '@tetragon-ts/api'
import type { RecordReader } from '@tetragon-ts/ebpf/records'
import { eventClass } from '@tetragon-ts/outputs/queue'
import type { ExitRecord } from '@tetragon-ts/sensors'
import { ancestorsOf } from '../../processes/ancestors.ts'
import type { Process } from '../../processes/process.ts'
import { countedTypes } from '../counted-types.ts'
import type { EventContext } from '../event-context.ts'
import { EventTime } from '../findings/event-time.ts'
import { writeAncestors } from '../json/ancestors-json.ts'
import { type EnvironmentRules, writeEnvironment } from '../json/environment-json.ts'
import { writeEnvelope, writeUnknownProcess } from '../json/event-lines.ts'
import {
  type ExecDetails,
  noDetails,
  writeArgv,
  writeCircumstances,
  writeEnvironmentNames,
} from '../json/exec-details-json.ts'
import { imageText } from '../json/image-text.ts'
import { writeProcess } from '../json/process-json.ts'
import { decodeExitCode } from './exit-code.ts'

const execType = countedTypes.indexOf('PROCESS_EXEC')
const exitType = countedTypes.indexOf('PROCESS_EXIT')
/** Signal name for an exit whose status and signal are unknown. */
const unknownSignal = 'unknown'

/** Writes the events `process_exec` and `process_exit`. */
export class ProcessEventWriter {
  readonly #context: EventContext
  readonly #showsAncestors: boolean
  /** Events written. */
  written = 0

  constructor(context: EventContext) {
    this.#context = context
    this.#showsAncestors = context.content.ancestors.includes('base')
  }

  /** @param details belong to this event only, and are not cached with the process */
  exec(process: Process, details: ExecDetails): void {
    const { out, clock, counts, stage, findings } = this.#context
    const from = out.length
    counts?.count(execType, process)
    out.latin1('{"process_exec":{"process":')
    writeProcess(out, process, clock, false)
    let startMembers: string | undefined
    if (details !== noDetails) {
      const { properties, env } = details
      out.length--
      const start = out.length
      out.latin1(properties)
      writeEnvironment(out, env.bytes, env.from, env.to, this.#rulesFor(process))
      writeArgv(out, details)
      writeEnvironmentNames(out, details)
      writeCircumstances(out, details)
      if (findings?.isOn && out.length > start) startMembers = out.latin1Since(start)
      out.byte(0x7d)
    }
    this.#writeParent(process)
    this.#writeAncestors(process)
    out.byte(0x7d)
    this.written++
    const { ktimeHigh, ktimeLow } = process
    const found = this.#findings('process_creation', process, ktimeHigh, ktimeLow, startMembers)
    writeEnvelope(this.#context, eventClass.process, ktimeHigh, ktimeLow, 1, found)
    stage?.event(from, 'process_exec', undefined, process, process.parent)
  }

  /** Environment variables to include. */
  #rulesFor({ image }: Process): EnvironmentRules {
    const { redaction, variables } = this.#context
    const redact =
      redaction && ((text: string) => redaction.redact(text, () => imageText(image, 'binary')))
    return { names: variables, redact }
  }

  /** @param process undefined if it is unknown */
  exit(process: Process | undefined, record: RecordReader<typeof ExitRecord.shape>): void {
    const { out } = this.#context
    const from = out.length
    this.#context.counts?.count(exitType, process)
    out.latin1('{"process_exit":{"process":')
    if (process) {
      // One reference is its own.
      writeProcess(out, process, this.#context.clock, process.references !== 1)
      this.#writeParent(process)
    } else {
      const { pid, ktimeHigh, ktimeLow } = record.key
      writeUnknownProcess(this.#context, pid, ktimeHigh, ktimeLow)
    }
    const { signal, status } = decodeExitCode(record.status)
    this.#endExit(from, process, signal, status, record.timeHigh, record.timeLow)
  }

  /**
   * The exit of a process whose exit record was lost: its status is unknown, and its time is that
   * of the discovery of the loss.
   */
  lostExit(process: Process, timeHigh: number, timeLow: number): void {
    const { out, clock, counts } = this.#context
    const from = out.length
    counts?.count(exitType, process)
    out.latin1('{"process_exit":{"process":')
    writeProcess(out, process, clock, process.references !== 1)
    this.#writeParent(process)
    this.#endExit(from, process, unknownSignal, 0, timeHigh, timeLow)
  }

  #endExit(
    from: number,
    process: Process | undefined,
    signal: string,
    status: number,
    timeHigh: number,
    timeLow: number,
  ): void {
    const { out, clock, stage } = this.#context
    if (signal !== '') {
      out.latin1(',"signal":"')
      out.latin1(signal)
      out.byte(0x22)
    }
    if (status !== 0) {
      out.latin1(',"status":')
      out.decimal(status)
    }
    out.latin1(',"time":"')
    clock.write(out, timeHigh, timeLow)
    out.byte(0x22)
    if (process) this.#writeAncestors(process)
    out.byte(0x7d)
    this.written++
    const findings = process && this.#findings('process_termination', process, timeHigh, timeLow)
    writeEnvelope(this.#context, eventClass.process, timeHigh, timeLow, 1, findings)
    stage?.event(from, 'process_exit', undefined, process, process?.parent)
  }

  /** Programs that were started before the agent have no findings: rules are about starts. */
  #findings(
    source: 'process_creation' | 'process_termination',
    process: Process,
    timeHigh: number,
    timeLow: number,
    startMembers?: string,
  ): string {
    const { findings, clock } = this.#context
    if (!findings?.isOn || (process.flags & processFlags.procFS) !== 0) return ''
    const { parent } = process
    const acting = { process, parent, ancestors: () => ancestorsOf(parent), startMembers }
    return findings.ofProcess(source, acting, new EventTime(clock, timeHigh, timeLow))
  }

  #writeParent(process: Process): void {
    const { out, clock } = this.#context
    if (!process.parent) return
    out.latin1(',"parent":')
    writeProcess(out, process.parent, clock, true)
  }

  #writeAncestors({ parent }: Process): void {
    if (!parent || !this.#showsAncestors) return
    const { out, clock, content } = this.#context
    writeAncestors(out, ancestorsOf(parent), clock, content.ancestorsMax)
  }
}
