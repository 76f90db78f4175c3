/** Path of a part of the document, e.g. `spec.kprobes[0].args[1]`. */
export interface Located {
  readonly path: string
}
