import { type Fields, fields, type KubeObject, text } from '@tetragon-ts/kubernetes'
import {
  kernelObjectKind,
  kernelPieceBytes,
  kernelPieceName,
  kernelPiecesMax,
} from '@tetragon-ts/policy/status'
import type { AgentPod } from '../policy-status/agents.ts'

/** An object with a piece of a description. */
export interface Piece {
  readonly name: string
  readonly hash: string
  readonly index: number
  /** The pod whose agent was asked, and the number of the request. */
  readonly pod: string
  readonly round: number
  readonly version: string
  /** Undefined: the agent has not answered. */
  readonly data: Buffer | undefined
}

/**
 * @param object the content of its status is from an agent
 * @returns undefined if it is not a piece
 */
export function readPiece(object: unknown): Piece | undefined {
  const { metadata, spec, status } = fields(object)
  const { name, resourceVersion } = fields(metadata)
  const { hash, piece: index, pod, round } = fields(spec)
  const isIndex = typeof index === 'number' && Number.isInteger(index) && index >= 0
  if (!isIndex || index >= kernelPiecesMax || typeof round !== 'number') return undefined
  if (!/^[0-9a-f]{64}$/.test(text(hash))) return undefined
  if (name !== kernelPieceName(text(hash), index)) return undefined
  const data = dataOf(fields(status), round)
  const version = text(resourceVersion)
  return { name, hash: text(hash), index, pod: text(pod), round, version, data }
}

function dataOf({ round: answered, data }: Fields, round: number): Buffer | undefined {
  if (answered !== round) return undefined
  return Buffer.from(text(data), 'base64').subarray(0, kernelPieceBytes)
}

/** The name of an object of which only the metadata is known. */
export function pieceName({ metadata }: KubeObject): string {
  return text(fields(metadata).name)
}

/**
 * An object that asks the agent of a pod for a piece. The API server deletes it with the pod.
 * @param version of the object that it replaces; undefined: it is a new one
 */
export function pieceRequest(
  hash: string,
  index: number,
  { name: pod, uid }: AgentPod,
  { round, version }: { readonly round: number; readonly version: string | undefined },
): object {
  return {
    apiVersion: 'cilium.io/v1alpha1',
    kind: kernelObjectKind.kind,
    metadata: {
      name: kernelPieceName(hash, index),
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: pod, uid }],
      ...(version && { resourceVersion: version }),
    },
    spec: { hash, piece: index, pod, round },
  }
}
