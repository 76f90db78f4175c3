/** The value of an option as text, before it is parsed. */
export interface OptionText {
  readonly text: string
  /** Where it comes from, for errors: `option --btf`, `/etc/tetragon/tetragon.conf.d/btf`. */
  readonly origin: string
}

/** What one source gives, by the name of the option. */
export type OptionTexts = ReadonlyMap<string, OptionText>
