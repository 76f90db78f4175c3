import { compileFilter, compileFilterLists, type Filter, type FilterMatch } from '@tetragon-ts/api'
import type { Process } from '../../process/process.ts'
import type { EventSubject } from './event-subject.ts'

/** Fields whose answer is the same for all events of an image of a process. */
const lastingFields: ReadonlySet<string> = new Set<keyof Filter>([
  'binary_regex',
  'arguments_regex',
  'parent_binary_regex',
  'parent_arguments_regex',
  'ancestor_binary_regex',
  'container_id',
  'pid',
  'in_init_tree',
  'capabilities',
])

/** Answers that are kept fit into a small integer, with a bit that says they are there. */
const keptMax = 29
const isKept = 1 << keptMax

interface ExportedFilter {
  /** Its place among the kept answers; 0: none is kept. */
  readonly bit: number
  readonly lasting: FilterMatch | undefined
  readonly passing: FilterMatch | undefined
}

/** Which events are exported. What only depends on the process is asked once and kept with it. */
export class ExportFilter {
  readonly #allow: readonly ExportedFilter[]
  readonly #deny: readonly ExportedFilter[]
  /** Of filters that must see all events. */
  readonly #whole: FilterMatch | undefined

  /** @throws FilterError, RegExpError, LabelSelectorError */
  constructor(allow: readonly Filter[], deny: readonly Filter[]) {
    const all = [...allow, ...deny]
    const isStateful = all.some(({ pid_set = [] }) => pid_set.length > 0)
    this.#whole = isStateful ? compileFilterLists(allow, deny).match : undefined
    const compiled = isStateful ? [] : all.map(compile)
    this.#allow = compiled.slice(0, allow.length)
    this.#deny = compiled.slice(allow.length)
  }

  /** Whether an event of this process passes: one filter allows it, or there is none, and none denies it. */
  passes(subject: EventSubject, process: Process | undefined): boolean {
    if (this.#whole !== undefined) return this.#whole(subject)
    let answers = process?.filterAnswers ?? 0
    if (answers === 0) {
      answers = this.#ask(subject)
      if (process) process.filterAnswers = answers
    }
    const isAllowed = this.#allow.length === 0 || hasMatch(this.#allow, answers, subject)
    return isAllowed && (this.#deny.length === 0 || !hasMatch(this.#deny, answers, subject))
  }

  #ask(subject: EventSubject): number {
    let answers = isKept
    for (const { bit, lasting } of this.#allow) if (lasting?.(subject)) answers |= bit
    for (const { bit, lasting } of this.#deny) if (lasting?.(subject)) answers |= bit
    return answers
  }
}

function hasMatch(
  filters: readonly ExportedFilter[],
  answers: number,
  subject: EventSubject,
): boolean {
  for (const { bit, lasting, passing } of filters) {
    const lasts = lasting === undefined || (bit === 0 ? lasting(subject) : (answers & bit) !== 0)
    if (lasts && (passing === undefined || passing(subject))) return true
  }
  return false
}

function compile(filter: Filter, index: number): ExportedFilter {
  const fields = Object.entries(filter)
  const part = (isLasting: boolean): FilterMatch | undefined => {
    const wanted = fields.filter(([name]) => lastingFields.has(name) === isLasting)
    return wanted.length === 0 ? undefined : compileFilter(Object.fromEntries(wanted))
  }
  return { bit: index < keptMax ? 1 << index : 0, lasting: part(true), passing: part(false) }
}
