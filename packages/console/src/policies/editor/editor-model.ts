import { computed, effect, signal } from '@preact/signals'
import type { Finding, PolicyCheck, TrialResult } from '../../checker/results.ts'
import { parameter } from '../../page/address.ts'
import { span } from '../../page/span.ts'
import type { WorkerLink } from '../../page/worker-link.ts'
import type { Span } from '../../store/span.ts'
import { agentFindings, withPositionsOf } from './agent-errors.ts'
import { type Draft, storeDraft, storedDraft } from './draft.ts'
import { newPolicy } from './examples.ts'
import type { KernelModel } from './kernels/kernel-model.ts'

/** Milliseconds without a key until the text is checked. */
const checkMs = 150

/** A dry run, and whether it is about the text as it is. */
export interface Trial {
  readonly text: string
  /** The events in it were tried; undefined: all. */
  readonly span: Span | undefined
  readonly result: TrialResult
  /** Number of kept events that are still to be looked at. */
  readonly remaining: number
}

/** The text that is edited, and what is known about it. */
export class EditorModel {
  /** Undefined: the editor is closed. */
  readonly draft = signal<Draft | undefined>(storedDraft())
  /** The last check, which may be of an earlier text. */
  readonly #checked = signal<{ readonly text: string; readonly check: PolicyCheck } | undefined>(
    undefined,
  )
  /** Of the text as it is; undefined while it is checked. */
  readonly check = computed(() => {
    const checked = this.#checked.value
    return checked?.text === this.draft.value?.text ? checked?.check : undefined
  })
  readonly trial = signal<Trial | undefined>(undefined)
  /** Why an agent has refused the text. */
  readonly refusal = signal<string | undefined>(undefined)
  /** Checks the text for kernels, once the user asks for it. */
  readonly kernels = signal<KernelModel | undefined>(undefined)
  /** Errors and warnings about kernels. */
  readonly kernelFindings = signal<readonly Finding[]>([])
  /** Whether closing it would lose something. */
  readonly isChanged = computed(() => {
    const draft = this.draft.value
    return draft !== undefined && draft.text !== draft.opened
  })
  /** Everything that is shown at lines. */
  readonly findings = computed<readonly Finding[]>(() => [
    ...(this.#checked.value?.check.findings ?? []),
    ...agentFindings(this.refusal.value ?? ''),
    ...this.kernelFindings.value,
  ])
  /** Moves the cursor of the editor, once it is loaded. @param line and column from 1 */
  goTo: ((line: number, column: number) => void) | undefined
  readonly #link: WorkerLink

  constructor(link: WorkerLink) {
    this.#link = link
    if (this.draft.value === undefined && parameter('edit', '/policies') === 'new')
      this.open(newPolicy)
    link.on('check', ({ text, check }) => {
      if (text === this.draft.value?.text) this.#checked.value = { text, check }
    })
    link.on('trial', (trial) => {
      if (trial.text === this.draft.value?.text) this.trial.value = trial
    })
    let timer: ReturnType<typeof setTimeout> | undefined
    effect(() => {
      const wanted = this.draft.value?.text
      storeDraft(this.draft.value)
      clearTimeout(timer)
      if (wanted === undefined) return
      timer = setTimeout(() => link.ask({ kind: 'check', text: wanted }), checkMs)
    })
    effect(() => {
      void span.value
      // A dry run that is shown is about the selected span.
      if (this.trial.peek() !== undefined) queueMicrotask(() => this.try())
    })
    addEventListener('beforeunload', (event) => {
      if (this.isChanged.value) event.preventDefault()
    })
  }

  /** Opens a text. @param key of the loaded policy that it is of */
  open(text: string, key = ''): void {
    this.#forget()
    this.#checked.value = undefined
    this.draft.value = { text, opened: text, key }
  }

  /** Opens or closes it, as an address says, unless a text would be lost. */
  restore(isOpen: boolean): void {
    if (isOpen && this.draft.value === undefined) this.open(newPolicy)
    if (!isOpen && !this.isChanged.value) this.close()
  }

  close(): void {
    this.#forget()
    this.draft.value = undefined
  }

  /** The user has changed the text. */
  edit(text: string): void {
    const draft = this.draft.value
    if (draft === undefined || draft.text === text) return
    this.#forget()
    this.draft.value = { ...draft, text }
  }

  /**
   * The agents have loaded the text, or that in another mode. Later input of the user stays.
   * @param from the text of the editor that was saved
   */
  saved(from: string, sent: string, key: string): void {
    const draft = this.draft.value
    if (draft === undefined) return
    this.refusal.value = undefined
    const text = draft.text === from ? sent : draft.text
    this.draft.value = { ...draft, text, opened: sent, key }
  }

  /**
   * An agent has refused the text, or that in another mode.
   * @param from the text of the editor that was to be saved
   */
  refuse(from: string, sent: string, reason: string): void {
    if (from === this.draft.value?.text) this.refusal.value = withPositionsOf(from, sent, reason)
  }

  /** Tries the text on the kept events of the selected span. */
  try(): void {
    const wanted = this.draft.value?.text ?? ''
    this.trial.value = undefined
    this.#link.ask({ kind: 'try', text: wanted })
  }

  /** The results are about another text. */
  #forget(): void {
    this.trial.value = undefined
    this.refusal.value = undefined
  }
}
