import { compileFilter, compileFilterLists, type Filter, type FilterMatch } from '@tetragon-ts/api'
import type { Process } from '../../processes/process.ts'
import type { EventSubject } from './event-subject.ts'
import { KnownImages } from './known-images.ts'

/**
 * What fields of filters ask about. An image's answers are the same for all processes that have it.
 */
type Part = 'own' | 'parent' | 'process' | 'event'

/** All other fields ask about each event. */
const parts: { readonly [K in keyof Filter]?: Part } = {
  binary_regex: 'own',
  arguments_regex: 'own',
  parent_binary_regex: 'parent',
  parent_arguments_regex: 'parent',
  ancestor_binary_regex: 'process',
  container_id: 'process',
  namespace: 'process',
  namespace_regex: 'process',
  pod_regex: 'process',
  container_name_regex: 'process',
  labels: 'process',
  health_check: 'process',
  pid: 'process',
  in_init_tree: 'process',
  capabilities: 'process',
}

/** Answers that are kept fit into a small integer, with a bit that says they are there. */
const keptMax = 29
const isKept = 1 << keptMax
const allKept = isKept - 1

type ExportedFilter = {
  readonly [K in Part]: FilterMatch | undefined
} & {
  /** Its place among the kept answers; 0: none is kept. */
  readonly bit: number
}

/**
 * Which events are exported. What only depends on the process is asked once and kept with it, what
 * only depends on its image is asked once for all processes that have the same.
 */
export class ExportFilter {
  readonly #allow: readonly ExportedFilter[]
  readonly #deny: readonly ExportedFilter[]
  /** Undefined where it takes longer to find an image than to ask. */
  readonly #own: KnownImages<number> | undefined
  readonly #parent = new KnownImages<number>()
  /** Of filters that must see all events. */
  readonly #whole: FilterMatch | undefined

  /**
   * @param imagesRecur whether the same image comes as the same string, which is found at once
   * @throws FilterError, RegExpError, LabelSelectorError
   */
  constructor(allow: readonly Filter[], deny: readonly Filter[], imagesRecur: boolean) {
    this.#own = imagesRecur ? new KnownImages() : undefined
    const all = [...allow, ...deny]
    const isStateful = all.some(({ pid_set = [] }) => pid_set.length > 0)
    this.#whole = isStateful ? compileFilterLists(allow, deny).match : undefined
    const compiled = isStateful ? [] : all.map(compile)
    this.#allow = compiled.slice(0, allow.length)
    this.#deny = compiled.slice(allow.length)
  }

  /**
   * Whether an event of this process passes: one filter allows it, or there is none, and none
   * denies it.
   */
  passes(
    subject: EventSubject,
    process: Process | undefined,
    parent: Process | undefined,
  ): boolean {
    if (this.#whole !== undefined) return this.#whole(subject)
    let answers = process?.filterAnswers ?? 0
    if (answers === 0) {
      answers = this.#ask(subject, process, parent)
      if (process) process.filterAnswers = answers
    }
    const isAllowed = this.#allow.length === 0 || hasMatch(this.#allow, answers, subject)
    return isAllowed && (this.#deny.length === 0 || !hasMatch(this.#deny, answers, subject))
  }

  #ask(subject: EventSubject, process: Process | undefined, parent: Process | undefined): number {
    const own = () => this.#answers('own', subject)
    const above = () => this.#answers('parent', subject)
    return (
      isKept |
      ((process && this.#own ? this.#own.get(process.image, own) : own()) &
        (parent ? this.#parent.get(parent.image, above) : above()) &
        this.#answers('process', subject))
    )
  }

  #answers(part: Part, subject: EventSubject): number {
    let answers = allKept
    for (const filter of this.#allow) if (isRefused(filter[part], subject)) answers &= ~filter.bit
    for (const filter of this.#deny) if (isRefused(filter[part], subject)) answers &= ~filter.bit
    return answers
  }
}

function isRefused(match: FilterMatch | undefined, subject: EventSubject): boolean {
  return match !== undefined && !match(subject)
}

function hasMatch(
  filters: readonly ExportedFilter[],
  answers: number,
  subject: EventSubject,
): boolean {
  for (const filter of filters) {
    const { bit, own, parent, process, event } = filter
    const lasts =
      bit === 0
        ? !isRefused(own, subject) && !isRefused(parent, subject) && !isRefused(process, subject)
        : (answers & bit) !== 0
    if (lasts && (event === undefined || event(subject))) return true
  }
  return false
}

function compile(filter: Filter, index: number): ExportedFilter {
  const part = (wanted: Part): FilterMatch | undefined => {
    const fields = Object.entries(filter).filter(
      ([name]) => (parts[name as keyof Filter] ?? 'event') === wanted,
    )
    return fields.length === 0 ? undefined : compileFilter(Object.fromEntries(fields))
  }
  return {
    bit: index < keptMax ? 1 << index : 0,
    own: part('own'),
    parent: part('parent'),
    process: part('process'),
    event: part('event'),
  }
}
