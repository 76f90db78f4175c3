import { programType } from '../../asm/index.ts'
import type { Builder } from '../builder.ts'
import { Int } from '../int.ts'
import type { Hook } from './hook.ts'

/** The record of a tracepoint in the program's context. */
export class TracepointRecord {
  readonly #builder: Builder

  constructor(builder: Builder) {
    this.#builder = builder
  }

  /** Loads an integer; the first 8 bytes of the record cannot be read. */
  load(size: 1 | 2 | 4 | 8, offset: number): Int {
    const dst = this.#builder.register()
    this.#builder.emit({ op: 'load', dst, size, base: this.#builder.context, offset })
    return new Int(this.#builder, dst)
  }

  /** Address of what lies so far from the beginning, for probe reads. */
  address(offset: Int | number): Int {
    return new Int(this.#builder, this.#builder.context).add(offset)
  }
}

/** A tracepoint with the record that its format file in tracefs describes. Kernel 4.7. */
export function tracepoint(group: string, name: string): Hook<[record: TracepointRecord]> {
  return {
    kind: 'tracepoint',
    target: `${group}/${name}`,
    resolve: () => ({ programType: programType.tracepoint }),
    arguments: (builder) => [new TracepointRecord(builder)],
    attachment: { at: 'tracepoint', group, name },
  }
}
