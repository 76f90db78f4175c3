import { kernelPieceName, kernelPieces } from '@tetragon-ts/policy/status'
import type { AgentPod } from '../policy-status/agents.ts'
import type { Descriptions } from './descriptions.ts'
import type { FleetKernel } from './fleet.ts'
import { type Piece, pieceRequest } from './piece.ts'

/** An object to write. */
export interface PieceWrite {
  readonly name: string
  /** Whether it exists. */
  readonly exists: boolean
  readonly body: object
}

/** Milliseconds after which another agent is asked: they look every few minutes. */
export const patienceMs = 15 * 60_000

/** A kernel whose description was requested. */
interface Asked {
  readonly pod: string
  readonly round: number
  readonly at: number
  /** Pods that have not answered, or wrongly. */
  readonly failed: ReadonlySet<string>
}

/** Decides which agent is asked for the description of each kernel: one that is ready. */
export class RequestPlan {
  readonly #asked = new Map<string, Asked>()

  /**
   * @param now milliseconds
   * @returns what to write so that an agent of each kernel is asked
   */
  writes(
    kernels: readonly FleetKernel[],
    descriptions: Descriptions,
    now: number,
  ): readonly PieceWrite[] {
    const kept = new Set(kernels.map(({ hash }) => hash))
    for (const hash of this.#asked.keys()) if (!kept.has(hash)) this.#asked.delete(hash)
    return kernels.flatMap((kernel) => this.#writesOf(kernel, descriptions, now))
  }

  #writesOf(kernel: FleetKernel, descriptions: Descriptions, now: number): readonly PieceWrite[] {
    const { hash, pods } = kernel
    const pieces = descriptions.piecesOf(hash)
    const count = kernelPieces(kernel) ?? 0
    const round = pieces.reduce((max, each) => Math.max(max, each.round), 0)
    const [first] = pieces
    const isWhole = pieces.length === count && pieces.every((each) => isLike(each, first))
    const state = descriptions.stateOf(hash)
    if (isWhole && state === 'known' && pieces.every(({ data }) => data)) return []
    const asked = this.#note(hash, first, now)
    const isPresent = pods.some(({ name }) => name === asked?.pod)
    const isLate = asked === undefined || now - asked.at > patienceMs
    const isOpen = isPresent && !isLate && state !== 'wrong'
    if (isOpen && isWhole) return []
    const failed = new Set(asked?.failed)
    if (asked && isPresent && !isOpen) failed.add(asked.pod)
    const current = pods.find(({ name }) => name === asked?.pod)
    const pod = isOpen && current ? current : choose(pods, failed)
    if (pod === undefined || (failed.has(pod.name) && !isLate)) return []
    const next = isOpen && asked ? asked.round : round + 1
    const at = isOpen && asked ? asked.at : now
    this.#asked.set(hash, { pod: pod.name, round: next, at, failed })
    const byIndex = new Map(pieces.map((each) => [each.index, each]))
    return Array.from({ length: count }, (_, index) => {
      const piece = byIndex.get(index)
      const { version } = piece ?? { version: undefined }
      const body = pieceRequest(hash, index, pod, { round: next, version })
      const write = { name: kernelPieceName(hash, index), exists: piece !== undefined, body }
      return piece?.pod === pod.name && piece.round === next ? [] : [write]
    }).flat()
  }

  /** What was requested; also by a leader before. */
  #note(hash: string, first: Piece | undefined, now: number): Asked | undefined {
    const known = this.#asked.get(hash)
    if (known || !first) return known
    const asked = { pod: first.pod, round: first.round, at: now, failed: new Set<string>() }
    this.#asked.set(hash, asked)
    return asked
  }
}

function isLike(piece: Piece, first: Piece | undefined): boolean {
  return piece.pod === first?.pod && piece.round === first.round
}

/** When all have failed, they are asked again. */
function choose(pods: readonly AgentPod[], failed: ReadonlySet<string>): AgentPod | undefined {
  const able = pods.filter(({ isReady, uid }) => isReady && uid !== '')
  return able.find(({ name }) => !failed.has(name)) ?? able[0]
}
