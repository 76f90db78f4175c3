/** Maximum number of cached images: programs often start with the same arguments. */
const imagesMax = 4096
/** Longer ones are not worth their memory. */
const longest = 1024

/** What was found out about images of processes, by their JSON. */
export class ImageCache<Fact> {
  readonly #facts = new Map<string, Fact>()

  /** What is known of an image; found out with its first process. */
  get(image: string, findOut: (image: string) => Fact): Fact {
    const known = this.#facts.get(image)
    if (known !== undefined) return known
    const fact = findOut(image)
    this.add(image, fact)
    return fact
  }

  /** What is known of an image, if anything is. */
  find(image: string): Fact | undefined {
    return this.#facts.get(image)
  }

  add(image: string, fact: Fact): void {
    if (image.length > longest) return
    if (this.#facts.size >= imagesMax) this.#facts.clear()
    this.#facts.set(image, fact)
  }
}
