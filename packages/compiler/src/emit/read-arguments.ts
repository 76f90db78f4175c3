import type { Argument, Hook } from '@tetragon-ts/policy'
import type { ArgumentValue, Text } from '../arguments/argument-type.ts'
import { argumentType } from '../arguments/index.ts'
import { asInt, type Hit } from '../hook/hit.ts'
import type { HookContext } from '../hook/hook-context.ts'
import type { Operand } from '../operators/operator.ts'
import { argumentOf, type ValueName } from '../plan/hook-record.ts'
import { lengthIndex } from '../plan/parameter-types.ts'
import { touchMemory } from './fault-in.ts'
import { resolveArgument } from './resolve-argument.ts'
import { either } from './unreadable.ts'

/** The values of a hit, each read at most once, on first use. */
export class ReadArguments {
  readonly #hit: Hit
  readonly #context: HookContext
  readonly #hook: Hook
  readonly #values = new Map<ValueName, ArgumentValue>()
  readonly #texts = new Map<ValueName, Text>()

  constructor(hit: Hit, context: HookContext, hook: Hook) {
    this.#hit = hit
    this.#context = context
    this.#hook = hook
  }

  /** Reads it now, unless it was already read. */
  value(name: ValueName): ArgumentValue {
    let value = this.#values.get(name)
    if (!value) {
      value = this.#read(name)
      this.#values.set(name, value)
    }
    return value
  }

  /** Reads it for one use, in a branch whose values are not there elsewhere. */
  once(name: ValueName): ArgumentValue {
    return this.#values.get(name) ?? this.#read(name)
  }

  setText(name: ValueName, text: Text | undefined): void {
    if (text) this.#texts.set(name, text)
  }

  operand(name: ValueName): Operand {
    const position = name === 'r' ? 0 : Number(name.slice(1))
    return { position, value: this.value(name), text: this.#texts.get(name) }
  }

  #read(name: ValueName): ArgumentValue {
    const argument = this.#argument(name)
    // The task is in kernel memory, also at hooks in user space.
    const inKernel = this.#hit.inUserSpace && argument.source === 'current_task'
    const source = inKernel ? { ...this.#hit, inUserSpace: false } : this.#hit
    // The return value takes the place of the parameter.
    const hit = name === 'r' ? { ...source, parameter: () => source.result } : source
    const { raw, steps } = resolveArgument(hit, argument, this.#hook)
    touchMemory(source, asInt(source.k, raw), argument)
    const read = argumentType(argument.type).read(source, raw, argument, this.#context)
    const value = this.#withFailures(argument, read)
    // Fields of a tracepoint's record have no address of their own.
    const kind = this.#hit.field?.(argument.index)?.kind
    const isInside = kind === 'array' || kind === 'data_loc'
    if (!steps && !isInside) return value
    return { ...value, ...(isInside ? { from: undefined } : {}), ...(steps ? { steps } : {}) }
  }

  /** The value of parameters that are in memory themselves. */
  #withFailures({ source, index, sizeIndex }: Argument, value: ArgumentValue): ArgumentValue {
    const used =
      source === undefined ? [index, ...(sizeIndex === undefined ? [] : [sizeIndex])] : []
    const failed = either(used.map((each) => this.#hit.failed?.(each)))
    if (!failed) return value
    const { unreadable, incomplete } = value
    return {
      ...value,
      unreadable: () => either([unreadable?.(), failed]),
      ...(incomplete && { incomplete: () => either([incomplete(), failed]) }),
    }
  }

  #argument(name: ValueName): Argument {
    const argument = argumentOf(this.#hook, name)
    const sizeIndex = lengthIndex(this.#hit.k.target.btf, this.#hook, argument)
    return sizeIndex === argument.sizeIndex ? argument : { ...argument, sizeIndex }
  }
}
