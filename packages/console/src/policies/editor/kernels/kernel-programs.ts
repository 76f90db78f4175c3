import { effect, signal } from '@preact/signals'
import type { PolicyListing } from '@tetragon-ts/api'
import type { KernelReport, KernelRequest } from '../../../kernels/protocol.ts'
import type { EditorModel } from '../editor-model.ts'

/** Milliseconds without a key until the programs are listed again. */
const listMs = 400

/** Programs of the text on a kernel. */
export interface ShownPrograms {
  /** Number of the kernel. */
  readonly id: number
  /** Of the last list, which may be of an earlier text; undefined before the first one. */
  readonly policies?: readonly PolicyListing[]
  readonly omitted?: number
  /** Why there is no list. */
  readonly problem?: string
  /** Whether the list is about the text as it is. */
  readonly isDone: boolean
}

type ListRequest = Extract<KernelRequest, { readonly kind: 'list' }>

/** The programs that the text of the editor compiles to on one kernel. */
export class KernelPrograms {
  readonly #id = signal<number | undefined>(undefined)
  /** Undefined: the user does not want to see them. */
  readonly shown = signal<ShownPrograms | undefined>(undefined)
  readonly #send: (request: Omit<ListRequest, 'number'>) => number
  /** Of the request that is awaited. */
  #number: number | undefined

  /** @param send asks the worker of a kernel, and returns the number of the request */
  constructor(editor: EditorModel, send: (request: Omit<ListRequest, 'number'>) => number) {
    this.#send = send
    let timer: ReturnType<typeof setTimeout> | undefined
    effect(() => {
      const id = this.#id.value
      const text = editor.draft.value?.text
      clearTimeout(timer)
      this.#number = undefined
      if (id === undefined || text === undefined) {
        this.shown.value = undefined
        return
      }
      const before = this.shown.peek()
      const isSame = before?.id === id
      this.shown.value = { ...(isSame && before), id, isDone: false }
      timer = setTimeout(() => this.#list(id, text), isSame ? listMs : 0)
    })
  }

  /** @param id of a kernel; undefined: they are hidden */
  show(id: number | undefined): void {
    this.#id.value = id
  }

  receive(report: Extract<KernelReport, { readonly kind: 'listed' | 'failed' }>): void {
    if (report.number !== this.#number) return
    if (report.kind === 'failed') return this.#end({ problem: report.problem })
    const { policies, omitted } = report
    this.#end({ policies, omitted })
  }

  /** The worker was ended. */
  lost(problem: string): void {
    if (this.shown.peek()?.isDone === false) this.#end({ problem })
  }

  #list(id: number, text: string): void {
    this.#number = this.#send({ kind: 'list', id, text })
  }

  #end(result: Pick<ShownPrograms, 'policies' | 'omitted' | 'problem'>): void {
    const id = this.#id.peek()
    if (id !== undefined) this.shown.value = { id, ...result, isDone: true }
  }
}
