import type { Option } from './option.ts'

/** The options of a program, and what their sources need to know about them. */
export interface OptionTable {
  readonly options: ReadonlyMap<string, Option<unknown>>
  /** Of environment variables, such as `TETRAGON_`. */
  readonly prefix: string
  /** Options of the original that are not supported, with the reason. */
  readonly leftOut: ReadonlyMap<string, string>
  /** The error of the program for an invalid option. */
  error(message: string, options?: ErrorOptions): Error
}

/** The value of an option as text, before it is parsed. */
export interface OptionText {
  readonly text: string
  /** Its source, for errors: `option --btf`, `/etc/tetragon/tetragon.conf.d/btf`. */
  readonly origin: string
}

/** The options of one source, by name. */
export type OptionTexts = ReadonlyMap<string, OptionText>
