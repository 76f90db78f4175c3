import type { Readable, Writable } from 'node:stream'

interface OptionBase {
  /** One line for the help text. */
  readonly help: string
  /** Letter of the short form. */
  readonly short?: string
  /** Alternative long names, hidden. */
  readonly aliases?: readonly string[]
  /** Hidden from the help. */
  readonly hidden?: boolean
  /** Section of the help text; by default that of the command's own options. */
  readonly group?: 'connection' | 'cluster'
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
  /** Placeholder of the value in the help. */
  readonly value: string
  /** Allowed values; any if not set. */
  readonly choices?: readonly string[]
}

/** An option with several values, separated by commas or given in several options. */
export interface ListOption extends OptionBase {
  readonly kind: 'list'
  readonly value: string
  /** Whether commas are part of the value. */
  readonly whole?: boolean
  /** Values for completion; the command checks the value. */
  readonly choices?: readonly string[]
}

export type Option = FlagOption | TextOption | ListOption

/** Options by long name, without the dashes. */
export type Options = Readonly<Record<string, Option>>

/** Parsed options of a command line. */
export type OptionValues<O extends Options> = {
  [K in keyof O]: O[K] extends FlagOption ? boolean : O[K] extends TextOption ? string : string[]
}

/** Input and output of a command. */
export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  /** Kind of standard input: a device is a terminal or /dev/null. A pipe if not set. */
  readonly stdinKind?: 'device' | 'file' | 'pipe'
  readonly stdout: Writable & { readonly isTTY?: boolean }
  readonly stderr: Writable & { readonly isTTY?: boolean }
}

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
  /** Operands in the first line of the help text. */
  readonly operands?: string
  /** Possible operands, for completion. */
  readonly operandChoices?: readonly string[]
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
  readonly values: OptionValues<O>
  readonly operands: readonly string[]
  readonly streams: Streams
}
