/** An error in an expression, and its position (from 0). */
export class CelError extends Error {
  override readonly name = 'CelError'
  readonly offset: number

  constructor(offset: number, message: string) {
    super(message)
    this.offset = offset
  }
}

export type BinarySign =
  | ('||' | '&&')
  | ('==' | '!=' | '<' | '<=' | '>' | '>=')
  | ('<<' | '>>')
  | ('+' | '-')
  | ('*' | '/' | '%')

/** A parsed expression without types. */
export type Syntax =
  | { kind: 'number'; offset: number; value: bigint; unsigned: boolean }
  | { kind: 'boolean'; offset: number; value: boolean }
  | { kind: 'text'; offset: number; value: string }
  | { kind: 'name'; offset: number; name: string }
  /** `arg0.f_inode`, `arg0[3]` */
  | { kind: 'member'; offset: number; subject: Syntax; step: string | number }
  | { kind: 'call'; offset: number; name: string; operands: Syntax[] }
  | { kind: 'method'; offset: number; subject: Syntax; name: string; operands: Syntax[] }
  | { kind: 'unary'; offset: number; sign: '-' | '!'; operand: Syntax }
  | { kind: 'binary'; offset: number; sign: BinarySign; left: Syntax; right: Syntax }
