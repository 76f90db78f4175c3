/** A change of a file: insertions, each text after an existing one, or a new file. */
export interface Edit {
  /** Path as in the document: relative to packages/, or to the root. */
  readonly file: string
  readonly insert?: Readonly<Record<string, string>>
  /** The content of a new file. */
  readonly create?: string
}

/** An addition described in the document. */
export interface Addition {
  /** Title as in the document, in bold. */
  readonly title: string
  /** Declares the new name. */
  readonly name: Edit
  /** Files in which the compiler then reports errors. */
  readonly missing: readonly string[]
  /** The other changes; with them the addition is complete. */
  readonly rest: readonly Edit[]
  /** Maximum number of listed files, besides tests. */
  readonly most: number
}
