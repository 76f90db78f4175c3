import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * An overlay as container runtimes mount it: the layers of an image, and above them one that takes
 * all changes, here in memory.
 */
export class Overlay {
  /** The folder of the image's first layer, to be filled. */
  readonly image: string
  /** Where the container's root is mounted. */
  readonly merged: string
  readonly #memory: string
  #mounted = false

  /** @param folder for its files; the caller removes it */
  constructor(folder: string) {
    this.#memory = join(folder, 'layers')
    this.merged = join(folder, 'merged')
    for (const path of [this.#memory, this.merged]) mkdirSync(path)
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', this.#memory])
    for (const name of ['image', 'upper', 'work']) mkdirSync(join(this.#memory, name))
    this.image = join(this.#memory, 'image')
  }

  /**
   * @param below folders of further layers
   * @returns why this kernel cannot mount it; undefined if it did
   */
  mount(...below: readonly string[]): string | undefined {
    const upper = `upperdir=${join(this.#memory, 'upper')},workdir=${join(this.#memory, 'work')}`
    const layers = `lowerdir=${[this.image, ...below].join(':')},${upper}`
    const words = ['-t', 'overlay', 'overlay', '-o', layers, this.merged]
    try {
      execFileSync('mount', words, { stdio: 'pipe' })
    } catch (error) {
      return `no overlay: ${(error as Error).message.trim().split('\n').at(-1)}`
    }
    this.#mounted = true
    return undefined
  }

  remove(): void {
    if (this.#mounted) execFileSync('umount', [this.merged])
    execFileSync('umount', [this.#memory])
  }
}
