import type { GetLossesResponse } from '@tetragon-ts/api'
import type { Answer, Settings } from '../page/call.ts'
import { watch } from '../page/watch.ts'
import type { WorkerLink } from '../page/worker-link.ts'
import { GapList } from '../store/gaps.ts'
import { agentGaps, streamGaps } from './known-gaps.ts'
import { LossGrowth } from './loss-growth.ts'
import { LossHistory } from './loss-history.ts'
import { lossKinds } from './loss-kinds.ts'
import { type Losses, lossesOf } from './losses.ts'

/** Milliseconds between looks at losses, whatever view is open: the samples of their history. */
const sampleMs = 10_000
/** Maximum number of gaps that are kept. */
const gapsMax = 256

/** Asks all agents for their losses. @throws Error with the reason for the user */
type CallLosses = (
  name: 'GetLosses',
  request: object,
) => Promise<readonly Answer<GetLossesResponse>[]>

/** What the agents have lost, and when: they are asked as long as the page is open. */
export class LossModel {
  /** What was lost since the page was opened. */
  readonly growth = new LossGrowth()
  readonly history = new LossHistory()
  readonly #gaps = new GapList(gapsMax)
  /** When each node was looked at, and what it had lost then. */
  readonly #before = new Map<string, { readonly at: number; readonly grown: Losses }>()
  /** When each agent was started. */
  readonly #starts = new Map<string, number>()
  readonly #call: CallLosses
  #asking: Promise<readonly Answer<GetLossesResponse>[]> | undefined

  constructor(call: CallLosses, link: WorkerLink, settings: Promise<Settings>) {
    this.#call = call
    link.on('gaps', ({ gaps }) => {
      streamGaps.value = gaps
    })
    let isFirst = true
    link.summary.subscribe(async ({ state }) => {
      if (!isFirst || !state.isConnected) return
      isFirst = false
      // Later losses are those since the page was opened.
      if ((await settings).hasAgents) watch(() => this.#sample(), sampleMs)
    })
  }

  /**
   * Asks the agents. One question at a time: an answer that is overtaken would look like that of a
   * new agent.
   * @throws Error with the reason for the user
   */
  look(): Promise<readonly Answer<GetLossesResponse>[]> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  /** Agents of the original do not have the call, and the view Health shows other failures. */
  async #sample(): Promise<void> {
    await this.look().catch(() => {})
  }

  async #ask(): Promise<readonly Answer<GetLossesResponse>[]> {
    const answers = await this.#call('GetLosses', {})
    for (const { node, response } of answers) {
      const losses = lossesOf(response)
      if (losses === undefined) continue
      this.#seeStart(node, Date.parse(response?.start_time ?? ''))
      this.#see(node, losses, Date.now())
    }
    return answers
  }

  /** What happens until an agent is started again has no events. */
  #seeStart(node: string, start: number): void {
    const before = this.#starts.get(node)
    const seen = this.#before.get(node)
    this.#starts.set(node, start)
    if (before === undefined || seen === undefined || !(start > before && start > seen.at)) return
    const unknown = { lost: 0, isUncounted: true, hidesProcesses: true }
    this.#gaps.add({ from: seen.at, to: start, node, ...unknown })
    agentGaps.value = [...this.#gaps.all]
  }

  #see(node: string, losses: Losses, at: number): void {
    this.growth.see(node, losses)
    const grown = this.growth.allGrown(node)
    this.history.add(node, at, grown)
    const before = this.#before.get(node)
    this.#before.set(node, { at, grown })
    if (before === undefined) return
    const { lost, hidesProcesses } = missingEvents(before.grown, grown)
    if (lost === 0) return
    this.#gaps.add({ from: before.at, to: at, node, lost, hidesProcesses })
    agentGaps.value = [...this.#gaps.all]
  }
}

/** Events that a page lacks because of what was lost between two looks. */
export function missingEvents(
  before: Losses,
  after: Losses,
): { readonly lost: number; readonly hidesProcesses: boolean } {
  let [lost, hidesProcesses] = [0, false]
  for (const [kind, count] of Object.entries(after)) {
    const grown = Number(count - (before[kind] ?? 0n))
    // Kinds of newer agents are unknown: they may be of any event.
    const hides = lossKinds.has(kind) ? lossKinds.get(kind)!.hides : 'processes'
    if (grown <= 0 || hides === undefined) continue
    lost += grown
    hidesProcesses ||= hides === 'processes'
  }
  return { lost, hidesProcesses }
}
