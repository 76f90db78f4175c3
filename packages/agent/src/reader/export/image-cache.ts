/** Maximum number of cached images: programs often start with the same arguments. */
const imagesMax = 4096
/** Longer images are not cached. */
const longest = 1024

/** Facts about images of processes, by their JSON. */
export class ImageCache<Fact> {
  readonly #facts = new Map<string, Fact>()

  /** The fact about an image; computed for its first process. */
  get(image: string, findOut: (image: string) => Fact): Fact {
    const known = this.#facts.get(image)
    if (known !== undefined) return known
    const fact = findOut(image)
    this.add(image, fact)
    return fact
  }

  /** The cached fact about an image, if any. */
  find(image: string): Fact | undefined {
    return this.#facts.get(image)
  }

  add(image: string, fact: Fact): void {
    if (image.length > longest) return
    if (this.#facts.size >= imagesMax) this.#facts.clear()
    this.#facts.set(image, fact)
  }
}
