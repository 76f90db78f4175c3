import type { Code, Hook, Variable } from '@tetragon-ts/ebpf/lang'

/** The result of a program that decides: what it returns, wherever it ends. */
export class Verdict {
  readonly #result: Variable
  readonly #refusal: number | undefined

  constructor(k: Code, { result = 0 }: Pick<Hook, 'result'>) {
    this.#result = k.variable(result)
    // Programs at cgroups return 1 to let an operation through, and 0 to refuse it with EPERM.
    this.#refusal = result === 0 ? undefined : 0
    k.setResult(this.#result)
  }

  /** @param error negative error number for the caller, where the program can choose it */
  refuse(error: number): void {
    this.#result.set(this.#refusal ?? error)
  }
}
