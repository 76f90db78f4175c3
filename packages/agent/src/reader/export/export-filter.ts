import type { Filter } from '@tetragon-ts/api'
import { compileFilter, compileFilterLists, type FilterMatch } from '@tetragon-ts/policy/filters'
import type { Process } from '../../processes/process.ts'
import type { EventSubject } from './event-subject.ts'
import { ImageCache } from './image-cache.ts'

/**
 * Fields of filters that depend on the image only: the result is the same for all processes with
 * the same image.
 */
type Part = 'own' | 'parent' | 'process' | 'event'

/** All other fields are evaluated for each event. */
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

/** Cached results fit into a small integer, with a bit that marks them as valid. */
const keptMax = 29
const isKept = 1 << keptMax
const allKept = isKept - 1

type ExportedFilter = {
  readonly [K in Part]: FilterMatch | undefined
} & {
  /** Its bit among the cached results; 0: not cached. */
  readonly bit: number
}

/**
 * Decides which events are exported. Conditions on the process are evaluated once and cached with
 * it; conditions on its image are evaluated once for all processes with the same image.
 */
export class ExportFilter {
  readonly #allow: readonly ExportedFilter[]
  readonly #deny: readonly ExportedFilter[]
  /** Undefined if looking up an image takes longer than evaluating the filter. */
  readonly #own: ImageCache<number> | undefined
  readonly #parent = new ImageCache<number>()
  /** Filters that must see every event. */
  readonly #whole: FilterMatch | undefined

  /**
   * @param imagesRecur whether equal images are the same string, which is found quickly
   * @throws FilterError, RegExpError, LabelSelectorError
   */
  constructor(allow: readonly Filter[], deny: readonly Filter[], imagesRecur: boolean) {
    this.#own = imagesRecur ? new ImageCache() : undefined
    const all = [...allow, ...deny]
    const isStateful = all.some(({ pid_set = [] }) => pid_set.length > 0)
    this.#whole = isStateful ? compileFilterLists(allow, deny).match : undefined
    const compiled = isStateful ? [] : all.map(compile)
    this.#allow = compiled.slice(0, allow.length)
    this.#deny = compiled.slice(allow.length)
  }

  /**
   * Whether an event of this process is exported: an allow filter matches, or there is none, and no
   * deny filter matches.
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
