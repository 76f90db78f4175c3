import type { KeptProcess } from '../../processes/process-cache.ts'
import { countedTypes } from '../counted-types.ts'
import type { EventContext } from '../event-context.ts'
import { writeAncestors } from '../json/ancestors-json.ts'
import { writeTimelessEnvelope, writeUnknownProcess } from '../json/event-lines.ts'
import { writeProcess } from '../json/process-json.ts'

const loaderType = countedTypes.indexOf('PROCESS_LOADER')

/** A file that was mapped to be executed. */
interface LoadedFile {
  readonly pid: number
  readonly tid: number
  /** Nanoseconds since boot. */
  readonly time: number
  readonly path: Uint8Array
  /** Undefined: the file has none, or it could not be read. */
  readonly buildId: Uint8Array | undefined
}

/** Writes events `process_loader`. As in the original, they have no time. */
export class LoaderEventWriter {
  readonly #context: EventContext
  readonly #showsAncestors: boolean
  /** Events written. */
  written = 0
  /** Of these, events with an unknown process or image. */
  unknownProcesses = 0

  constructor(context: EventContext) {
    this.#context = context
    this.#showsAncestors = context.content.ancestors.includes('loader')
  }

  /** Writes an event. @param kept undefined: the process or its image is unknown */
  write(file: LoadedFile, kept: KeptProcess | undefined): void {
    const { out, clock, content, counts, stage } = this.#context
    const start = out.length
    out.latin1('{"process_loader":{"process":')
    if (kept) writeProcess(out, kept.process, clock, true, file.tid)
    else this.#writeUnknown(file)
    out.latin1(',"path":"')
    out.jsonText(file.path, 0, file.path.length)
    out.byte(0x22)
    if (file.buildId !== undefined && file.buildId.length > 0) {
      out.latin1(`,"buildid":"${Buffer.from(file.buildId).toString('base64')}"`)
    }
    if (kept?.parent) {
      out.latin1(',"parent":')
      writeProcess(out, kept.parent, clock, true)
      if (this.#showsAncestors) writeAncestors(out, kept.ancestors, clock, content.ancestorsMax)
    }
    out.byte(0x7d)
    writeTimelessEnvelope(this.#context)
    this.written++
    counts?.count(loaderType, kept?.process)
    stage?.event(start, 'process_loader', undefined, kept?.process, kept?.parent)
  }

  #writeUnknown({ pid, time }: LoadedFile): void {
    this.unknownProcesses++
    writeUnknownProcess(this.#context, pid, Math.floor(time / 2 ** 32), time % 2 ** 32)
  }
}
