import type { Readable, Writable } from 'node:stream'
import type { Options, ValuesOf } from '@tetragon-ts/service/options'

/** Input and output of a command. */
export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  /** Kind of standard input: a device is a terminal or /dev/null. A pipe if not set. */
  readonly stdinKind?: 'device' | 'file' | 'pipe'
  readonly stdout: Writable & { readonly isTTY?: boolean }
  readonly stderr: Writable & { readonly isTTY?: boolean }
}

/**
 * Names joined by dots: each row has the names of one object, with the row of the object below
 * it. The first row has the names that a path starts with.
 */
export type NameTable = readonly (readonly (readonly [name: string, below: number | undefined])[])[]

/** A command in the registry. */
export interface Command {
  readonly name: string
  /** Name of the parent command. */
  readonly parent?: string
  /** Subcommands of a command that does nothing by itself. */
  readonly commands?: readonly Command[]
  readonly aliases?: readonly string[]
  /** Hidden from the list of commands. */
  readonly hidden?: boolean
  /** Why the command has no function here: it exists for users of Tetragon. */
  readonly leftOut?: string
  /** One line for the list of commands. */
  readonly summary: string
  /** Operands as in the help text, such as `NAME [FILE...]`; by default none. */
  readonly operands?: string
  /** Possible operands, for completion. */
  readonly operandChoices?: readonly string[]
  /** Names that can follow an operand after a dot, for completion. */
  readonly operandFields?: NameTable
  readonly description?: string
  readonly options: Options
  /** Examples with their meaning. */
  readonly examples?: readonly (readonly [command: string, meaning: string])[]
  /** Runs the command with the arguments after its name; returns the exit code. */
  readonly run: (argv: readonly string[], streams: Streams) => Promise<number>
}

/** Declaration in a command's file. */
export interface CommandDefinition<O extends Options> extends Omit<Command, 'run'> {
  readonly options: O
  /** Runs the command; returns the exit code. */
  readonly run: (call: CommandCall<O>) => Promise<number>
}

/** One call of a command, parsed. */
export interface CommandCall<O extends Options> {
  readonly values: ValuesOf<O>
  readonly operands: readonly string[]
  readonly streams: Streams
}
