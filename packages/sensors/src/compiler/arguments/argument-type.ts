import type { Bytes, Condition, Int, IntLike } from '@tetragon-ts/ebpf/lang'
import type { Fields, Shape } from '@tetragon-ts/ebpf/records'
import type { Argument } from '@tetragon-ts/policy'
import type { Hit, Raw } from '../hit.ts'
import type { HookContext } from '../hook-context.ts'
import type { JsonWriter } from './json-writer.ts'

/**
 * An argument type, whole: how the kernel side reads it and what operators see of it, how it
 * travels, and how the API shows it.
 */
export interface ArgumentType<S extends Shape = Shape, F = Fields<S>> {
  /** What operators may look at: that is what `read` gives them. */
  readonly facets: readonly Facet[]
  /** What the kernel must have at the argument's place. */
  readonly expects: ExpectedType
  /** Fixed part of what travels: scalars and records of scalars. */
  readonly shape: S
  /**
   * Most bytes of text or data that travel behind the fixed part, one more than the longest, and a
   * power of two; 0 for none. At most 4096.
   */
  readonly tailMax: number
  /** Whether reading it costs more than a register: then everything cheaper is tested first. */
  readonly costly: boolean
  /** Whether the parameter is an address that may be the process's: a page there may be absent. */
  readonly readsUserMemory?: boolean
  /** Whether it has the same value at the function's return, where the parameter still does. */
  readonly lasts?: boolean
  /** Emits the code that reads it, once for each program. */
  read(hit: Hit, raw: Raw, argument: Argument, context: HookContext): ArgumentValue
  /** Writes the API's form, such as `"int_arg":5`. */
  json(out: JsonWriter, value: DecodedArgument<F>): void
}

/**
 * An argument type of any shape. The fields that its JSON is made from have to be read with its own
 * `shape`; nothing else is known of them.
 */
export type AnyArgumentType = ArgumentType<Shape, object>

/** What an argument type reads from, as the kernel declares it. */
export type ExpectedType =
  | { readonly kind: 'number'; readonly bits: 8 | 16 | 32 | 64 }
  /** Any address, or an array. */
  | { readonly kind: 'bytes' }
  | {
      readonly kind: 'structure'
      /** Which structures will do. */
      readonly names: readonly string[]
      /** Its layout does not depend on the kernel; else the kernel must describe the first. */
      readonly fixed?: boolean
    }
  | { readonly kind: 'anything' }

/** What user space has of an argument: fields in place, and the bytes of its tail. */
export interface DecodedArgument<F = object> {
  readonly fields: F
  readonly bytes: Uint8Array
  readonly from: number
  readonly to: number
  /** What travelled before the record, in pieces. */
  readonly pieces?: Uint8Array | undefined
}

/** What code of a policy has of an argument that was read; what operators need is optional. */
export interface ArgumentValue {
  /** Values of the type's fixed part, read when they are stored. */
  fields(): Readonly<Record<string, unknown>>
  /** Puts the tail's bytes there and gives their number, less than the type's `tailMax`. */
  readonly writeTail?: (to: Bytes) => IntLike
  /** Sends what is too long for the tail; done right before the record is sent. */
  readonly writePieces?: (place: number) => void
  /**
   * 1 where it could not be read, else 0: computed without branches, for the verifier follows each
   * constant that branches leave behind on its own way to the program's end.
   */
  unreadable?(): Int | undefined
  /**
   * The same for operators, where that differs: 1 where only a part could be read. Asked after the
   * tail was written.
   */
  unknown?(): Int | undefined
  /** The address that it is read from; 0: none, which is not a failure. */
  readonly from?: Int
  /** An address that is 0 where it could not be read; compared when the record is sent. */
  readonly pointer?: Int
  /** Where members were followed. */
  readonly steps?: FollowedSteps
  /** Holds where there is nothing to post, such as a descriptor that is not followed. */
  readonly absent?: Condition
  readonly integer?: IntegerFacet
  /** Number of the descriptor that is shown as its file. */
  readonly descriptor?: Int
  readonly socket?: SocketFacet
  /** Capability set as a mask. */
  readonly mask?: Int
  /** Mode of a file (include/uapi/linux/stat.h). */
  readonly mode?: Int
}

/** What operators look at of an argument: a number, a text, a file type, a part of a socket. */
export type Facet = 'number' | 'text' | 'mode' | keyof SocketFacet

/** How following members went. */
export interface FollowedSteps {
  /** A bit for each step at which an address could not be read; undefined if none can fail. */
  readonly failed?: Int | undefined
  /** The parameter that the first one starts from; 0: none, which is not a failure. */
  readonly origin?: Int | undefined
  /** Addresses that steps start from; 0 is one that cannot be read. */
  readonly starts: readonly { readonly address: Int; readonly step: number }[]
}

export interface IntegerFacet {
  /** As a 64-bit number: sign-extended if signed. */
  readonly value: Int
  readonly signed: boolean
  readonly bits: 8 | 16 | 32 | 64
}

/**
 * What operators on sockets, packets and addresses see; ports in the machine's byte order. An
 * address of a socket (sockaddr) has a source only.
 */
export interface SocketFacet {
  /** Of a socket: its address in the kernel, which identifies it. */
  readonly address?: Int
  readonly family: Int
  readonly protocol?: Int
  readonly state?: Int
  readonly sourcePort?: Int
  readonly destinationPort?: Int
  /** Four words each, as in memory; of IPv4 the first. */
  readonly source?: readonly Int[]
  readonly destination?: readonly Int[]
}

/** A text that was read: bytes in scratch memory. */
export interface Text {
  readonly bytes: Bytes
  readonly length: Int
  /** More than there can be: a power of two. */
  readonly max: number
}
