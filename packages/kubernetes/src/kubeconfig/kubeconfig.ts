import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parseDocument } from 'yaml'
import { Section } from './section.ts'

/** The parts of kubeconfig files that one context names. */
export interface KubeContext {
  readonly context: Section
  readonly cluster: Section
  readonly user: Section
}

/**
 * Several kubeconfig files as one. As in kubectl, the first file that has an entry of a name, or a
 * current context, decides.
 */
export class Kubeconfig {
  readonly #files: readonly Section[]

  /** @throws Error of the file system and of the content, with the path */
  constructor(paths: readonly string[]) {
    this.#files = paths.map(readKubeconfig)
  }

  /**
   * @param name empty: the current context
   * @throws Error with the missing entry
   */
  context(name = ''): KubeContext {
    const context = this.#named('contexts', name || this.#current(), 'context')
    return {
      context,
      cluster: this.#named('clusters', context.text('cluster'), 'cluster'),
      user: this.#named('users', context.text('user'), 'user'),
    }
  }

  #current(): string {
    for (const file of this.#files) {
      const name = file.optional('current-context')
      if (name !== undefined) return name
    }
    throw new Error('kubeconfig has no current-context')
  }

  /** The member `inner` of the entry with this name. */
  #named(list: string, name: string, inner: string): Section {
    const entries = this.#files.flatMap((file) => file.list(list))
    const found = entries.find((entry) => entry.optional('name') === name)
    if (found !== undefined) return found.section(inner, `${inner} ${name}`)
    const names = entries
      .map((entry) => entry.optional('name'))
      .filter((each) => each !== undefined)
    const known = names.length === 0 ? '' : `; it has ${names.slice(0, shownMax).join(', ')}`
    throw new Error(`${list} has no entry ${name}${known}`)
  }
}

/** Maximum number of entries in an error. */
const shownMax = 10

function readKubeconfig(path: string): Section {
  const text = readFileSync(path, 'utf8')
  const document = parseDocument(text)
  const [error] = document.errors
  // Only the first line: the others quote the file, which may have secrets.
  if (error !== undefined) throw new Error(`parse ${path}: ${error.message.split('\n')[0]}`)
  return new Section(document.toJS(), 'kubeconfig', dirname(resolve(path)))
}
