import { createHash } from 'node:crypto'
import { kernelPieces, type NodeKernel } from '@tetragon-ts/policy/status'
import type { Piece } from './piece.ts'

/** `wrong`: all pieces are there, and are not the description that the hash names. */
export type DescriptionState = 'awaited' | 'known' | 'wrong'

interface Entry {
  readonly size: number
  /** Number of pieces. */
  readonly count: number
  readonly pieces: Map<number, Piece>
  /** Stays when the pieces go with the pod of their agent. */
  bytes: Buffer | undefined
  isWrong: boolean
}

/**
 * The descriptions of the kernels of a fleet, each once. Agents write them, so only a description
 * with the right hash is used.
 */
export class Descriptions {
  readonly #entries = new Map<string, Entry>()

  /**
   * Keeps descriptions of these kernels only.
   * @returns the hashes of those that were not kept before: their pieces are to be read
   */
  keep(kernels: readonly NodeKernel[]): ReadonlySet<string> {
    const sizes = new Map(kernels.map(({ hash, size }) => [hash, size]))
    // The first node with a kernel may have reported a wrong size.
    for (const [hash, { size }] of this.#entries) {
      if (sizes.get(hash) !== size) this.#entries.delete(hash)
    }
    const added = [...sizes].filter(([hash]) => !this.#entries.has(hash))
    for (const [hash, size] of added) {
      const count = kernelPieces({ hash, size }) ?? 0
      this.#entries.set(hash, { size, count, pieces: new Map(), bytes: undefined, isWrong: false })
    }
    return new Set(added.map(([hash]) => hash))
  }

  /** Ignores those of kernels that are not kept, and those after the end of a description. */
  set(piece: Piece): void {
    const entry = this.#entries.get(piece.hash)
    if (!entry || piece.index >= entry.count) return
    // The data of a description that is known would be kept twice.
    const isNeeded = piece.data === undefined || !entry.bytes
    entry.pieces.set(piece.index, isNeeded ? piece : { ...piece, data: empty })
    this.#assemble(piece.hash, entry)
  }

  delete(hash: string, index: number): void {
    this.#entries.get(hash)?.pieces.delete(index)
  }

  /** The objects of a kernel, without those that do not exist. */
  piecesOf(hash: string): readonly Piece[] {
    return [...(this.#entries.get(hash)?.pieces.values() ?? [])]
  }

  /** Undefined unless the state is `known`. */
  bytesOf(hash: string): Buffer | undefined {
    return this.#entries.get(hash)?.bytes
  }

  stateOf(hash: string): DescriptionState {
    const entry = this.#entries.get(hash)
    if (entry?.bytes) return 'known'
    return entry?.isWrong ? 'wrong' : 'awaited'
  }

  #assemble(hash: string, entry: Entry): void {
    entry.isWrong = false
    if (entry.bytes) return
    const pieces = [...entry.pieces.values()].sort((a, b) => a.index - b.index)
    const rounds = new Set(pieces.map(({ round }) => round))
    const data = pieces.flatMap((piece) => piece.data ?? [])
    if (data.length !== entry.count || rounds.size !== 1) return
    const bytes = Buffer.concat(data)
    entry.isWrong = createHash('sha256').update(bytes).digest('hex') !== hash
    if (!entry.isWrong) entry.bytes = bytes
    for (const piece of pieces) entry.pieces.set(piece.index, { ...piece, data: empty })
  }
}

const empty = Buffer.alloc(0)
