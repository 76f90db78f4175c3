/** The value of an option as text, before it is parsed. */
export interface OptionText {
  readonly text: string
  /** Its source, for errors: `option --btf`, `/etc/tetragon/tetragon.conf.d/btf`. */
  readonly origin: string
}

/** The options of one source, by name. */
export type OptionTexts = ReadonlyMap<string, OptionText>
