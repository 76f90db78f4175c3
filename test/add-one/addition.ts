/** What is put into a file: each text right behind another that is there. */
export interface Edit {
  /** As the document has it: relative to packages/, or from the root. */
  readonly file: string
  readonly insert: Readonly<Record<string, string>>
}

/** Something new that the document describes. */
export interface Addition {
  /** As the document has it, in bold. */
  readonly title: string
  /** Declares the new name. */
  readonly name: Edit
  /** Where the compiler finds that something is missing then. */
  readonly missing: readonly string[]
  /** The other files that it takes; with them nothing is missing any more. */
  readonly rest?: readonly Edit[]
}
