/** Insertions into a file: each text after an existing one. */
export interface Edit {
  /** Path as in the document: relative to packages/, or to the root. */
  readonly file: string
  readonly insert: Readonly<Record<string, string>>
}

/** An addition described in the document. */
export interface Addition {
  /** Title as in the document, in bold. */
  readonly title: string
  /** Declares the new name. */
  readonly name: Edit
  /** Files in which the compiler then reports errors. */
  readonly missing: readonly string[]
  /** The other files; with them the addition is complete. */
  readonly rest?: readonly Edit[]
}
