import type { PolicyListing } from '@tetragon-ts/api'
import type { CheckRow } from '@tetragon-ts/compiler/kernel-description'
import type { Finding } from '../checker/results.ts'

// Messages between the page and a worker that checks texts of policies for kernels. The name of a
// worker is that of the processors that it compiles for.

/** A kernel of the page, by its number, and what results call it. */
export interface NamedKernel {
  readonly id: number
  readonly name: string
}

/** From the page. */
export type KernelRequest =
  /** Reads a file of `tetragon kernel describe`. */
  | { readonly kind: 'add'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: 'remove'; readonly id: number }
  /** Checks a text; ends the check before it. */
  | {
      readonly kind: 'check'
      readonly number: number
      readonly text: string
      readonly kernels: readonly NamedKernel[]
    }
  /** Lists the programs of a text for a kernel; ends the list before it. */
  | { readonly kind: 'list'; readonly number: number; readonly text: string; readonly id: number }

/** Policies on kernels. */
export interface KernelResult {
  /** Policies on kernels: their number, and that of those that do not work. */
  readonly checks: number
  readonly failed: number
  /** The first ones. */
  readonly rows: readonly CheckRow[]
  /** Number of further rows. */
  readonly omitted: number
  /** The first ones, without those that a check without a kernel has. */
  readonly findings: readonly Finding[]
}

/** From the worker. */
export type KernelReport =
  | { readonly kind: 'added'; readonly id: number; readonly release: string }
  /** It is for other processors. */
  | { readonly kind: 'foreign'; readonly id: number; readonly architecture: 'x64' | 'arm64' }
  | { readonly kind: 'unreadable'; readonly id: number; readonly problem: string }
  /** A check or a list is being made. */
  | { readonly kind: 'progress'; readonly number: number }
  | { readonly kind: 'checked'; readonly number: number; readonly result: KernelResult }
  | {
      readonly kind: 'listed'
      readonly number: number
      readonly policies: readonly PolicyListing[]
      /** Number of policies without a list: they do not work there, or are too many. */
      readonly omitted: number
    }
  | { readonly kind: 'failed'; readonly number: number; readonly problem: string }
