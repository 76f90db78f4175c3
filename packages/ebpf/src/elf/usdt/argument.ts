/**
 * Where an argument of a static probe is when the probe is hit. `size` is in bytes; a value that is
 * not `signed` is extended with zeros. Registers have the names of the 64-bit machine: `rax` to
 * `r15`, `rsp`, `rbp`, `rip`; `x0` to `x30`, `sp`.
 */
export type UsdtArgument = { readonly size: 1 | 2 | 4 | 8; readonly signed: boolean } & (
  | { readonly kind: 'constant'; readonly value: bigint }
  /** The value is `shift` bits above the lowest of the register: 8 for ah, bh, ch and dh. */
  | { readonly kind: 'register'; readonly register: string; readonly shift: 0 | 8 }
  /**
   * In memory, at register + displacement + index * scale. With `rip`, the displacement is from the
   * address of the probe.
   */
  | {
      readonly kind: 'memory'
      readonly register: string
      readonly displacement: number
      readonly index?: string
      readonly scale?: 1 | 2 | 4 | 8
    }
  /**
   * In memory, at displacement + index * scale. The displacement is an address in the file, so it
   * is relative to the load address; the compiler makes it relative to the probe.
   */
  | {
      readonly kind: 'absolute'
      readonly displacement: number
      readonly index?: string
      readonly scale?: 1 | 2 | 4 | 8
    }
  /** In a form that is not read: floating-point numbers, segment registers. */
  | { readonly kind: 'unknown'; readonly text: string }
)

/** The part of an argument that its place decides. */
export type UsdtOperand = UsdtArgument extends infer A
  ? A extends UsdtArgument
    ? Omit<A, 'size' | 'signed'>
    : never
  : never

/** What operands need to know of the file. */
export interface OperandContext {
  /** Address of the probe. */
  readonly address: number
  /** Address of a symbol, variables included; undefined if the file does not say. */
  readonly symbolAddress: (name: string) => number | undefined
}
