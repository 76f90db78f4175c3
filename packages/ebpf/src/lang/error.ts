import { EbpfError } from '../errors/index.ts'
import { formatPosition, type SourcePosition } from '../platform/source-position.ts'

/** A program that cannot be built: misuse of the language, or a kernel that lacks a field. */
export class LanguageError extends EbpfError {
  override readonly name = 'LanguageError'
  readonly position: SourcePosition | undefined

  constructor(program: string, what: string, position?: SourcePosition) {
    const where = position ? ` (${formatPosition(position)})` : ''
    super('EBPF_LANG', `build program ${program}: ${what}${where}`)
    this.position = position
  }
}
