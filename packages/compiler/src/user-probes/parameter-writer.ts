import type { Code, Variable } from '@tetragon-ts/ebpf/lang'
import { parameterRegisters, setContextRegister } from '../hook/registers.ts'

/** More than any value of 4 bytes: the parameter is not set. */
const unset = 1n << 32n

/**
 * Sets parameters of a function of user space where the program ends: until then it reads them. Of
 * several values for one parameter the last one counts, also of several programs.
 */
export class ParameterWriter {
  /** The new value of each parameter that an action may set. */
  readonly #values: ReadonlyMap<number, Variable>

  /** @param indexes parameters that actions set; those that are not in registers are ignored */
  constructor(k: Code, indexes: readonly number[]) {
    const inRegisters = new Set(indexes.filter((index) => index < parameterRegisters.length))
    this.#values = new Map([...inRegisters].map((index) => [index, k.variable(unset)]))
    k.beforeExit(() => {
      for (const [index, value] of this.#values) {
        k.when(value.ne(unset), () => setContextRegister(k, parameterRegisters[index], value))
      }
    })
  }

  readonly set = (index: number, value: number): void => this.#values.get(index)?.set(value)
}
