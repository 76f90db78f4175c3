import type { CompactPrinter, Event } from '@tetragon-ts/api'
import { type HookEvent, observeHook } from './observed-hook.ts'

/**
 * Finds the policy events of a process and its descendants among all events. Other processes of the
 * machine have events too, whatever these look like.
 */
export class EventFamily {
  readonly #pid: number
  readonly #print: CompactPrinter
  readonly #ids = new Set<string>()
  /** Whether the process has ended. */
  isOver = false

  constructor(pid: number, print: CompactPrinter) {
    this.#pid = pid
    this.#print = print
  }

  /**
   * Takes the next event.
   * @returns undefined if it is not a policy event of the family
   * @throws Error if it is one, but incomplete
   */
  take(event: Event): HookEvent | undefined {
    if (this.isOver || !('process' in event.body) || !event.body.process) return undefined
    const { pid, exec_id: id, parent_exec_id: parentId } = event.body.process
    const isRoot = pid === this.#pid
    if (id && (isRoot || this.#ids.has(parentId ?? ''))) this.#ids.add(id)
    this.isOver = isRoot && event.key === 'process_exit'
    return isRoot || this.#ids.has(id ?? '') ? observeHook(event, this.#print) : undefined
  }
}
