import { kernelPieceBytes, kernelPiecesMax } from '../schema/kernel-object.ts'

/** The kernel of a node, as the report of its agent names it. */
export interface NodeKernel {
  /** SHA-256 of its description in hexadecimal. */
  readonly hash: string
  /** Bytes of its description. */
  readonly size: number
}

/** The annotation of reports with the kernel: metadata can be watched without the report. */
export const kernelAnnotation = 'tetragon.cilium.io/kernel'

const form = /^([0-9a-f]{64})\/([1-9][0-9]{0,9})$/

/** The value of the annotation. */
export function kernelText({ hash, size }: NodeKernel): string {
  return `${hash}/${size}`
}

/** @param value of any content @returns undefined if it names no kernel */
export function readKernelText(value: unknown): NodeKernel | undefined {
  const [, hash, size] = typeof value === 'string' ? (form.exec(value) ?? []) : []
  return hash === undefined ? undefined : { hash, size: Number(size) }
}

/** The number of objects that a description needs; undefined: it is too large. */
export function kernelPieces({ size }: NodeKernel): number | undefined {
  const pieces = Math.ceil(size / kernelPieceBytes)
  return pieces <= kernelPiecesMax ? pieces : undefined
}

/** The name of the object with a piece. */
export function kernelPieceName(hash: string, piece: number): string {
  return `${hash}-${piece}`
}
