import type { Readable, Writable } from 'node:stream'

interface OptionBase {
  /** One line for the help text. */
  readonly help: string
  /** Letter of the short form. */
  readonly short?: string
  /** Other long names, understood but not shown. */
  readonly aliases?: readonly string[]
  /** Understood but not shown. */
  readonly hidden?: boolean
  /** The section of the help text; without, that of the command's own options. */
  readonly group?: 'connection'
}

/** An option without a value, or with `=true` and `=false`. */
export interface FlagOption extends OptionBase {
  readonly kind: 'flag'
  readonly default?: boolean
}

/** An option with one value; the last one counts. */
export interface TextOption extends OptionBase {
  readonly kind: 'text'
  readonly default: string
  /** What the help text calls the value. */
  readonly value: string
  /** The values that are allowed; any if not set. */
  readonly choices?: readonly string[]
}

/** An option with several values, separated by commas or given in several options. */
export interface ListOption extends OptionBase {
  readonly kind: 'list'
  readonly value: string
  /** Whether each option is one value, commas included. */
  readonly whole?: boolean
  /** Values for completion; what is allowed the command decides. */
  readonly choices?: readonly string[]
}

export type Option = FlagOption | TextOption | ListOption

/** Options by long name, without the dashes. */
export type Options = Readonly<Record<string, Option>>

/** What the options of a command line hold after parsing. */
export type OptionValues<O extends Options> = {
  [K in keyof O]: O[K] extends FlagOption ? boolean : O[K] extends TextOption ? string : string[]
}

/** Where a command reads and writes. */
export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  /** What standard input is: a device is a terminal or /dev/null. A pipe if not set. */
  readonly stdinKind?: 'device' | 'file' | 'pipe'
  readonly stdout: Writable & { readonly isTTY?: boolean }
  readonly stderr: Writable & { readonly isTTY?: boolean }
}

/** A command as the registry sees it. */
export interface Command {
  readonly name: string
  /** Name of the command that this one is a part of. */
  readonly parent?: string
  /** The parts of a command that does nothing by itself. */
  readonly commands?: readonly Command[]
  readonly aliases?: readonly string[]
  /** Understood but not shown in the list of commands. */
  readonly hidden?: boolean
  /** Why the command does nothing here: it is there for who knows it from Tetragon. */
  readonly leftOut?: string
  /** One line for the list of commands. */
  readonly summary: string
  /** What follows the name on the first line of the help text. */
  readonly operands?: string
  /** Words that fit there, for completion. */
  readonly operandChoices?: readonly string[]
  readonly description?: string
  readonly options: Options
  /** Command lines with what they do. */
  readonly examples?: readonly (readonly [command: string, meaning: string])[]
  /** Runs the command with the arguments after its name; returns the exit code. */
  readonly run: (argv: readonly string[], streams: Streams) => Promise<number>
}

/** What a command's file declares. */
export interface CommandDefinition<O extends Options> extends Omit<Command, 'run'> {
  readonly options: O
  /** Does the work; returns the exit code. */
  readonly run: (call: CommandCall<O>) => Promise<number>
}

/** One call of a command, parsed. */
export interface CommandCall<O extends Options> {
  readonly values: OptionValues<O>
  readonly operands: readonly string[]
  readonly streams: Streams
}
