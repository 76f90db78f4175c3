import type { Option } from './option.ts'

/** The options of a program, and what their sources need to know about them. */
export interface OptionTable {
  readonly options: ReadonlyMap<string, Option<unknown>>
  /** Options of the original that are not supported, with the reason. */
  readonly leftOut?: ReadonlyMap<string, string>
  /** Ends messages about unknown options and operands, such as `; see --help`. */
  readonly advice?: string
  /** The error of the program for an invalid option. */
  error(message: string, options?: ErrorOptions): Error
}

/** The options of a program that are also read from its environment. */
export interface EnvironmentTable extends OptionTable {
  /** Of the variables, such as `TETRAGON_`. */
  readonly prefix: string
}

/** The value of an option as text, before it is parsed. */
export interface OptionText {
  readonly text: string
  /** Its source, for errors: `--btf`, `/etc/tetragon/tetragon.conf.d/btf`. */
  readonly origin: string
}

/** The options of one source, by name. */
export type OptionTexts = ReadonlyMap<string, OptionText>
