import type { KprobeArgument } from '../messages/kprobe-argument.ts'
import type { Line } from './line.ts'

/** A line without its process. */
export type KprobeBody = Omit<Line, 'process' | 'colour'>

/** Describes the line of a function, from the arguments of its event. */
export type KprobeFormat = (args: readonly KprobeArgument[]) => KprobeBody

/** Formats by the name of the kernel function, without the prefix of the architecture. */
export type KprobeFormats = Readonly<Record<string, KprobeFormat>>
