/** A part of a saved file, such as an object of the API. */
export interface SavedPart {
  /** For messages. */
  readonly title: string
  readonly json: string
}

/** Maximum number of titles in a message. */
const shownMax = 5

/** Chooses the parts that a file has room for. */
export class SavedParts {
  readonly #max: number
  readonly #omitted: (titles: string) => void
  /** The titles that were last reported. */
  #reported = ''

  /**
   * @param max maximum number of characters of all parts
   * @param omitted called with the titles of the parts without room, when these change
   */
  constructor(max: number, omitted: (titles: string) => void) {
    this.#max = max
    this.#omitted = omitted
  }

  /** Takes parts in their order while there is room. @returns their JSON */
  take(parts: Iterable<SavedPart>): readonly string[] {
    const taken: string[] = []
    const omitted: string[] = []
    let rest = this.#max
    for (const { title, json } of parts) {
      if (json.length > rest) {
        omitted.push(title)
      } else {
        rest -= json.length
        taken.push(json)
      }
    }
    this.#report(omitted)
    return taken
  }

  #report(omitted: readonly string[]): void {
    const [shown, others] = [omitted.slice(0, shownMax).join(', '), omitted.length - shownMax]
    const titles = others > 0 ? `${shown} and ${others} more` : shown
    if (titles !== '' && titles !== this.#reported) this.#omitted(titles)
    this.#reported = titles
  }
}
