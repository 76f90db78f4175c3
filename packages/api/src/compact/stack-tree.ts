import type { Event } from '../event.ts'
import type { StackTraceEntry } from '../events/hook-events.ts'
import type { Paint } from '../lines/colour.ts'
import { escapeUnprintable } from '../quoting/escape.ts'
import { stacksOf } from './event-stacks.ts'
import { hex } from './stack-trace.ts'

const indent = '   '
/** A line that stands for one frame saves nothing. */
const foldedMin = 2

/**
 * Prints the stack of each event as a tree, the outermost frame first, each frame below its caller.
 * Frames that an event shares with the one before it, if that is of the same process, are folded
 * into one line.
 */
export class StackTree {
  readonly #paint: Paint
  /** Of the event before. */
  #process: string | undefined
  #frames: readonly string[] = []

  constructor(paint: Paint) {
    this.#paint = paint
  }

  /** The lines below an event, each with its line end; empty without stacks. */
  print(event: Event): string {
    const { kernel, user } = stacksOf(event)
    // The innermost function of the program has called the kernel.
    const frames = [
      ...[...user].reverse().map((entry) => this.#userFrame(entry)),
      ...[...kernel].reverse().map((entry) => this.#kernelFrame(entry)),
    ]
    const folded = this.#fold(event, frames)
    const lines = frames.slice(folded).map((frame, i) => frameLine(frame, folded + i))
    return (folded > 0 ? `${indent}… ${folded} frames as before\n` : '') + lines.join('')
  }

  /** How many of the outermost frames are those of the event before. */
  #fold(event: Event, frames: readonly string[]): number {
    const process = processOf(event)
    const before = process !== undefined && process === this.#process ? this.#frames : []
    this.#process = process
    this.#frames = frames
    const first = frames.findIndex((frame, i) => frame !== before[i])
    // The innermost frame is always shown.
    const shared = first < 0 ? frames.length - 1 : first
    return shared >= foldedMin ? shared : 0
  }

  #userFrame({
    address,
    symbol = '',
    symbol_offset,
    module = '',
    offset,
  }: StackTraceEntry): string {
    const paint = this.#paint
    const name =
      symbol === '' ? '' : `${paint('blue', escapeUnprintable(symbol))}${plus(symbol_offset)}`
    const place = paint('yellow', `(${escapeUnprintable(module) || '?'}${plus(offset)})`)
    return [...this.#address(address), ...(name === '' ? [] : [name]), place].join(' ')
  }

  #kernelFrame({ address, symbol = '', module = '', offset }: StackTraceEntry): string {
    const paint = this.#paint
    const name = `${paint('blue', escapeUnprintable(symbol) || '?')}${plus(offset)}`
    const place = paint('yellow', `[${escapeUnprintable(module) || 'kernel'}]`)
    return [...this.#address(address), name, place].join(' ')
  }

  #address(address: StackTraceEntry['address']): string[] {
    return BigInt(address ?? 0) === 0n ? [] : [this.#paint('green', hex(address))]
  }
}

/** A frame below its caller; the outermost one has none. */
function frameLine(frame: string, depth: number): string {
  return `${indent}${' '.repeat(Math.max(depth - 1, 0))}${depth === 0 ? '' : '└'}${frame}\n`
}

function plus(offset: StackTraceEntry['offset']): string {
  return BigInt(offset ?? 0) === 0n ? '' : `+${hex(offset)}`
}

function processOf({ body }: Event): string | undefined {
  return 'process' in body ? body.process?.exec_id : undefined
}
