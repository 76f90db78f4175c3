import { escapeUnprintable } from '@tetragon-ts/api'

/** Maximum number of nodes that a report names. */
const shownMax = 20
/** Maximum length of a line: agents choose the texts of their errors, and the names in events. */
const lineMax = 1000
/** Changes in this time are one report, in milliseconds: all agents may fail at the same time. */
const gatherMs = 500

/** Reason of a node without a pod of the agent. */
export const noAgent = 'it has no agent'

/** `connecting`, `connected`, or why the agent of the node is missing. */
type State = { readonly kind: 'connecting' | 'connected' } | Missing
interface Missing {
  readonly kind: 'missing'
  readonly reason: string
}

/** The nodes whose agents are followed, and those that are missing. Reports changes. */
export class Roster {
  readonly #nodes = new Map<string, State>()
  readonly #report: (line: string) => void
  /** Lines about changes that are not reported yet. */
  #changes: string[] = []
  #timer: NodeJS.Timeout | undefined
  /** Whether the start was reported: from then on changes are. */
  #hasStarted = false

  /** @param report writes a line */
  constructor(report: (line: string) => void) {
    this.#report = report
  }

  /** A node that has an agent, which is not connected yet. */
  expect(node: string): void {
    if (!this.#nodes.has(node)) this.#nodes.set(node, { kind: 'connecting' })
  }

  connected(node: string): void {
    const before = this.#nodes.get(node)?.kind
    if (before === 'connected') return
    this.#nodes.set(node, { kind: 'connected' })
    if (!this.#hasStarted) this.#startWhenComplete()
    else this.note(`node ${node} is ${before === 'missing' ? 'back' : 'new'}`)
  }

  /** The agent cannot be asked. The same reason is reported once, until the node is back. */
  missing(node: string, reason: string): void {
    const before = this.#nodes.get(node)
    this.#nodes.set(node, { kind: 'missing', reason })
    if (!this.#hasStarted) this.#startWhenComplete()
    else if (before?.kind !== 'missing') this.note(`missing: ${line([node, reason])}`)
  }

  /** Only these nodes have an agent. */
  keepOnly(nodes: ReadonlySet<string>): void {
    const without = [...this.#nodes.keys()].filter((node) => !nodes.has(node))
    for (const node of without) this.missing(node, noAgent)
  }

  /** Reports a change, together with others. */
  note(text: string): void {
    this.#changes.push(text)
    this.#timer ??= setTimeout(() => this.#reportChanges(), gatherMs).unref()
  }

  #reportChanges(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const hidden = this.#changes.length - shownMax
    for (const change of this.#changes.slice(0, shownMax)) this.#report(oneLine(change))
    if (hidden > 0) this.#report(`and ${hidden} more changes`)
    this.#changes = []
  }

  /** The nodes that are not connected, with the reason. */
  get missingNodes(): [node: string, reason: string][] {
    return [...this.#nodes].flatMap(([node, state]): [string, string][] => {
      if (state.kind === 'connected') return []
      return [[node, state.kind === 'missing' ? state.reason : 'it has not answered yet']]
    })
  }

  /** Whether each node is missing, or connected and among these. */
  areComplete(answered: { has(node: string): boolean }): boolean {
    for (const [node, { kind }] of this.#nodes) {
      if (kind === 'connecting' || (kind === 'connected' && !answered.has(node))) return false
    }
    return true
  }

  #startWhenComplete(): void {
    if ([...this.#nodes.values()].every(({ kind }) => kind !== 'connecting')) this.start()
  }

  /** Reports who is there and who is missing, once. */
  start(): void {
    if (this.#hasStarted) return
    this.#hasStarted = true
    const { size } = this.#nodes
    const present = size - this.missingNodes.length
    this.#report(`following ${present} of ${count(size)}${this.#missingList()}`)
  }

  /** Reports who is missing now. */
  end(): void {
    this.#reportChanges()
    const list = this.#missingList()
    if (list !== '') this.#report(`the output is incomplete${list}`)
  }

  #missingList(): string {
    const missing = this.missingNodes
    if (missing.length === 0) return ''
    const hidden = missing.length - shownMax
    const lines = missing.slice(0, shownMax).map((each) => `\n  ${line(each)}`)
    return `; missing:${lines.join('')}${hidden > 0 ? `\n  and ${hidden} more` : ''}`
  }
}

function count(nodes: number): string {
  return nodes === 1 ? '1 node' : `${nodes} nodes`
}

function line([node, reason]: readonly [string, string]): string {
  return oneLine(`node ${node}: ${reason.replaceAll('\n', ' ')}`)
}

function oneLine(text: string): string {
  return escapeUnprintable(text.length > lineMax ? `${text.slice(0, lineMax)}…` : text)
}
