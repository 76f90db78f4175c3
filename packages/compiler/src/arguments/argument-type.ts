import type { Bytes, Condition, Int, IntLike } from '@tetragon-ts/ebpf/lang'
import type { Fields, Shape } from '@tetragon-ts/ebpf/records'
import type { Argument } from '@tetragon-ts/policy'
import type { Hit, Raw } from '../hook/hit.ts'
import type { HookContext } from '../hook/hook-context.ts'
import type { JsonWriter } from './json-writer.ts'

/**
 * An argument type: how the kernel side reads it, which facets operators use, its record fields,
 * and its form in the API.
 */
export interface ArgumentType<S extends Shape = Shape, F = Fields<S>> {
  /** Facets for operators: provided by `read`. */
  readonly facets: readonly Facet[]
  /** The kernel type that the argument must have. */
  readonly expects: ExpectedType
  /** Fixed part of the record: scalars and records of scalars. */
  readonly shape: S
  /**
   * Maximum length of text or data after the fixed part, plus one; a power of two; 0 for none. At
   * most 4096.
   */
  readonly tailMax: number
  /** Fields of `shape` that do not matter for the question whether hits are equal. */
  readonly incidental?: readonly string[]
  /** Whether reading it costs more than a register: then cheaper conditions are tested first. */
  readonly costly: boolean
  /** Whether the parameter may be a user address, whose page may be absent. */
  readonly readsUserMemory?: boolean
  /** Bytes read at that address, if that is not `tailMax` or a structure of at most 32 bytes. */
  readonly bytesAtAddress?: number
  /** Whether values have `mayBe`, mostly. */
  readonly hasLastName?: true
  /**
   * Whether it has the same value at the function's return, if the parameter is still available.
   */
  readonly lasts?: boolean
  /** The parameter that it is read from, if that is not the one at the argument's index. */
  parameter?(hit: Hit, argument: Argument): Raw
  /** Emits the code that reads it, once for each program. */
  read(hit: Hit, raw: Raw, argument: Argument, context: HookContext): ArgumentValue
  /** Writes the API form, such as `"int_arg":5`. */
  json(out: JsonWriter, value: DecodedArgument<F>): void
}

/** An argument type of any shape. The fields for its JSON must be read with its own `shape`. */
export type AnyArgumentType = ArgumentType<Shape, object>

/** The kernel type that an argument type reads from. */
export type ExpectedType =
  | { readonly kind: 'number'; readonly bits: 8 | 16 | 32 | 64 }
  /** Any address, or an array. */
  | { readonly kind: 'bytes' }
  | {
      readonly kind: 'structure'
      /** Accepted structures. */
      readonly names: readonly string[]
      /**
       * Its layout does not depend on the kernel; otherwise the kernel must describe the first one.
       */
      readonly fixed?: boolean
    }
  | { readonly kind: 'anything' }

/** An argument in user space: fields in place, and the bytes of its tail. */
export interface DecodedArgument<F = object> {
  readonly fields: F
  readonly bytes: Uint8Array
  readonly from: number
  readonly to: number
  /** Values that were sent in pieces before the record. */
  readonly pieces?: Uint8Array | undefined
  /** Finds the names that the process has for an address; undefined: there are none. */
  readonly namesOf?: NamesOfAddress | undefined
}

/**
 * The names by which a process has looked up an address, as a JSON array: UTF-8 in a string of one
 * byte per character, empty if there are none. The address is four words in memory order; IPv4 uses
 * the first one.
 */
export type NamesOfAddress = (family: number, a: number, b: number, c: number, d: number) => string

/** An argument that was read; facets for operators are optional. */
export interface ArgumentValue {
  /** Values of the fixed part, read when they are stored. */
  fields(): Readonly<Record<string, unknown>>
  /** Writes the tail to memory and returns its length, less than the type's `tailMax`. */
  readonly writeTail?: (to: Bytes) => IntLike
  /** Sends data that is too long for the tail; runs right before the record is sent. */
  readonly writePieces?: (place: number) => void
  /**
   * 1 if it could not be read, else 0. Computed without branches, because the verifier follows each
   * constant from a branch separately to the end of the program.
   */
  unreadable?(): Int | undefined
  /**
   * The same for operators, if different: 1 if a part could not be read. Evaluated after the tail
   * was written.
   */
  incomplete?(): Int | undefined
  /**
   * Tests before the text is read whether it may be one of these: false only if it certainly is
   * none. Undefined if such a test is not possible.
   */
  mayBe?(texts: readonly Uint8Array[]): Condition | undefined
  /** The address that it is read from; 0 means no value, which is not a failure. */
  readonly from?: Int
  /** An address that is 0 if it could not be read; compared when the record is sent. */
  readonly pointer?: Int
  /** Steps of `resolve`. */
  readonly steps?: FollowedSteps
  /** True if nothing is posted, for example because a descriptor is not followed. */
  readonly absent?: Condition
  readonly integer?: IntegerFacet
  /** Number of the descriptor whose file is shown. */
  readonly descriptor?: Int
  readonly socket?: SocketFacet
  /** Capability set as a mask. */
  readonly mask?: Int
  /** Mode of a file (include/uapi/linux/stat.h), read when it is asked for. */
  mode?(): Int
  /** Address of a file's inode, 0 if there is none, read when it is asked for. */
  inode?(): Int
}

/** Facets of an argument: a number, a text, the type or inode of a file, a part of a socket. */
export type Facet = 'number' | 'text' | 'mode' | 'inode' | keyof SocketFacet

/** State of the steps of `resolve`. */
export interface FollowedSteps {
  /** A bit for each step whose address could not be read; undefined if none can fail. */
  readonly failed?: Int | undefined
  /** The parameter of the first step; 0 means no value, which is not a failure. */
  readonly origin?: Int | undefined
  /** Start addresses of the steps; 0 if it could not be read. */
  readonly starts: readonly { readonly address: Int; readonly step: number }[]
}

export interface IntegerFacet {
  /** As a 64-bit number: sign-extended if signed. */
  readonly value: Int
  readonly signed: boolean
  readonly bits: 8 | 16 | 32 | 64
}

/**
 * Facets of sockets, packets and addresses; ports in host byte order. A socket address (sockaddr)
 * has only a source.
 */
export interface SocketFacet {
  /** The kernel address of a socket, which identifies it. */
  readonly address?: Int
  readonly family: Int
  readonly protocol?: Int
  readonly state?: Int
  readonly sourcePort?: Int
  readonly destinationPort?: Int
  /** Four words each, as in memory; IPv4 uses the first. */
  readonly source?: readonly Int[]
  readonly destination?: readonly Int[]
}

/** A text that was read into scratch memory. */
export interface Text {
  readonly bytes: Bytes
  readonly length: Int
  /** Upper bound of its length: a power of two. */
  readonly max: number
}
