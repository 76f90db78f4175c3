import { computed, effect, signal } from '@preact/signals'
import type { KernelReport, KernelRequest, KernelResult } from '../../../kernels/protocol.ts'
import { WatchedWorker } from '../../../kernels/watched-worker.ts'
import { startWorker } from '../../../start-worker.ts'
import type { EditorModel } from '../editor-model.ts'
import { bytesOfFile } from './kernel-bytes.ts'
import { KernelPrograms } from './kernel-programs.ts'
import type { KernelSource, OfferedKernel } from './kernel-source.ts'
import { mergeResults } from './merge-results.ts'

/** Maximum number of kernels: each needs about 30 MB. */
export const kernelsMax = 16
/** Milliseconds without a key until the text is checked: longer than without kernels. */
const checkMs = 400

type Processors = 'x64' | 'arm64'

/** A kernel that the user has chosen. */
export interface ChosenKernel {
  readonly id: number
  /** The name of the file, or the nodes. */
  readonly source: string
  /** Undefined while it is read. */
  readonly release?: string
  /** Why it cannot be used. */
  readonly problem?: string
  readonly bytes?: Uint8Array
  /** Of the worker that has it, or reads it. */
  readonly processors: Processors
}

/** Checks the text of the editor for kernels. */
export class KernelModel {
  readonly chosen = signal<readonly ChosenKernel[]>([])
  /** Title of the kernels that are offered; undefined: there is no source of them. */
  readonly title: string | undefined
  /** The kernels of the source; undefined: it has not answered yet. */
  readonly offered = signal<readonly OfferedKernel[] | undefined>(undefined)
  /** Why the source offers none, or a choice was refused. */
  readonly problem = signal<string | undefined>(undefined)
  /** Of the last check, which may be of an earlier text. */
  readonly result = signal<KernelResult | undefined>(undefined)
  /** Whether the result is about the text as it is; or why there is none. */
  readonly state = signal<'checking' | 'done' | { readonly problem: string }>('done')
  readonly #ready = computed(() => this.chosen.value.filter(({ release }) => release !== undefined))
  readonly #editor: EditorModel
  readonly #workers = new Map<Processors, WatchedWorker>()
  /** Results of the check, by worker; undefined: it is at work. */
  #results = new Map<Processors, KernelResult | undefined>()
  /** Of the check that is wanted. */
  #check = 0
  /** Of the last request. */
  #number = 0
  #nextId = 1
  readonly programs: KernelPrograms

  /** @param source undefined: only files of the user */
  constructor(editor: EditorModel, source: KernelSource | undefined) {
    this.#editor = editor
    this.title = source?.title
    this.programs = new KernelPrograms(editor, (request) => {
      const number = ++this.#number
      const kernel = this.chosen.peek().find(({ id }) => id === request.id)
      if (kernel !== undefined) this.#askFor([kernel], { ...request, number })
      return number
    })
    if (source === undefined) this.offered.value = []
    else void this.#listOffered(source)
    let timer: ReturnType<typeof setTimeout> | undefined
    effect(() => {
      const text = editor.draft.value?.text
      const kernels = this.#ready.value
      clearTimeout(timer)
      // Results of earlier requests are not wanted any more.
      this.#check = ++this.#number
      editor.kernelFindings.value = []
      if (kernels.length === 0) this.result.value = undefined
      this.state.value = 'done'
      if (text === undefined || kernels.length === 0) return
      this.state.value = 'checking'
      timer = setTimeout(() => this.#checkAll(text, kernels), checkMs)
    })
  }

  /** Chooses descriptions in files. */
  async addFiles(files: readonly File[]): Promise<void> {
    await Promise.all(files.map((file) => this.#add(file.name, () => bytesOfFile(file))))
  }

  /** Chooses a kernel of the source. */
  async addOffered({ source, read }: OfferedKernel): Promise<void> {
    await this.#add(source, read)
  }

  remove(id: number): void {
    const removed = this.chosen.value.find((each) => each.id === id)
    this.chosen.value = this.chosen.value.filter((each) => each.id !== id)
    if (removed === undefined) return
    if (this.programs.shown.peek()?.id === id) this.programs.show(undefined)
    const { processors } = removed
    this.#workers.get(processors)?.ask({ kind: 'remove', id })
    if (this.chosen.value.some((each) => each.processors === processors)) return
    this.#workers.get(processors)?.close()
    this.#workers.delete(processors)
  }

  async #listOffered(source: KernelSource): Promise<void> {
    try {
      this.offered.value = await source.list()
    } catch (error) {
      this.offered.value = []
      this.problem.value = (error as Error).message
    }
  }

  async #add(source: string, read: () => Promise<Uint8Array>): Promise<void> {
    this.problem.value = undefined
    if (this.chosen.value.length >= kernelsMax) {
      this.problem.value = `${source}: at most ${kernelsMax} kernels can be checked at a time`
      return
    }
    const id = this.#nextId++
    this.chosen.value = [...this.chosen.value, { id, source, processors: 'x64' }]
    try {
      const bytes = await read()
      this.#change(id, { bytes })
      this.#send(id)
    } catch (error) {
      this.#change(id, { problem: (error as Error).message })
    }
  }

  #change(id: number, change: Partial<ChosenKernel>): void {
    this.chosen.value = this.chosen.value.map((each) => {
      return each.id === id ? { ...each, ...change } : each
    })
  }

  /** Lets the worker of its processors read a kernel. */
  #send(id: number): void {
    const kernel = this.chosen.value.find((each) => each.id === id)
    if (kernel?.bytes === undefined) return
    this.#workerFor(kernel.processors).ask({ kind: 'add', id, bytes: kernel.bytes })
  }

  #workerFor(processors: Processors): WatchedWorker {
    const known = this.#workers.get(processors)
    if (known !== undefined) return known
    const worker = new WatchedWorker(
      startWorker('kernel-worker', { name: processors }),
      (report) => this.#receive(report, processors),
      (reason) => this.#lost(processors, reason),
    )
    this.#workers.set(processors, worker)
    return worker
  }

  #receive(report: KernelReport, processors: Processors): void {
    switch (report.kind) {
      case 'added':
        // A kernel that is read again has it already.
        if (this.#ready.value.some(({ id }) => id === report.id)) return
        return this.#change(report.id, { release: report.release })
      case 'foreign':
        this.#change(report.id, { processors: report.architecture })
        return this.#send(report.id)
      case 'unreadable':
        return this.#change(report.id, { problem: report.problem })
      case 'progress':
        return
      case 'checked':
        if (report.number !== this.#check) return
        this.#results.set(processors, report.result)
        return this.#show()
      case 'listed':
        return this.programs.receive(report)
      case 'failed':
        if (report.number === this.#check) this.state.value = { problem: report.problem }
        return this.programs.receive(report)
      default:
        return report satisfies never
    }
  }

  /** A worker was ended: its kernels are read again for the next check. */
  #lost(processors: Processors, reason: string): void {
    this.#workers.delete(processors)
    for (const { id, release, bytes, problem, ...kernel } of this.chosen.value) {
      const isReading = bytes !== undefined && release === undefined && problem === undefined
      if (kernel.processors === processors && isReading) this.#change(id, { problem: reason })
    }
    if (this.state.value === 'checking') this.state.value = { problem: reason }
    this.programs.lost(reason)
  }

  #checkAll(text: string, kernels: readonly ChosenKernel[]): void {
    const number = this.#check
    this.#results = new Map(kernels.map(({ processors }) => [processors, undefined]))
    for (const processors of this.#results.keys()) {
      const own = kernels.filter((each) => each.processors === processors)
      const named = own.map(({ id, release = '', source }) => {
        const isShared = kernels.filter((each) => each.release === release).length > 1
        return { id, name: isShared ? `${release} (${source})` : release }
      })
      this.#askFor(own, { kind: 'check', number, text, kernels: named })
    }
  }

  /** Asks the worker of some kernels, which gets them if it is a new one. */
  #askFor(kernels: readonly ChosenKernel[], request: KernelRequest): void {
    const [{ processors }] = kernels
    if (!this.#workers.has(processors)) for (const { id } of kernels) this.#send(id)
    this.#workerFor(processors).ask(request)
  }

  #show(): void {
    const results = [...this.#results.values()].filter((each) => each !== undefined)
    if (results.length < this.#results.size) return
    const result = mergeResults(results)
    this.result.value = result
    this.#editor.kernelFindings.value = result.findings
    this.state.value = 'done'
  }
}
