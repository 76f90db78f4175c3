/** The place in a source file (TypeScript or a policy) that produced an instruction. */
export interface SourcePosition {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
  /** What to show as the line's text, if the file is not there to read. */
  readonly text?: string
}

/** A position as compilers print it: `file:line:column`. */
export function formatPosition({ file, line, column }: SourcePosition): string {
  return `${file}:${line}:${column}`
}
