import { fields, list, texts } from '@tetragon-ts/kubernetes'
import { type Labels, lengthProblem, policyKinds } from '@tetragon-ts/policy'
import { SavedFile, savedMax } from '../../../files/saved-file.ts'
import type { SourceLog } from '../policy-source.ts'
import { contentText, type PolicyObject, policyObject } from './policy-object.ts'

/** Maximum number of names in a message. */
const shownMax = 5

/** What the API server said last. */
export interface SavedState {
  /** Undefined: the node was not known. */
  readonly labels: Labels | undefined
  readonly objects: readonly PolicyObject[]
}

/**
 * The state of the API server in a file of the agent. An agent that starts while the API server is
 * away continues with it, so that its policies stay in force.
 */
export class SavedObjects {
  readonly #state: () => SavedState
  readonly #log: SourceLog
  readonly #max: number
  readonly #file: SavedFile<SavedState>
  /** Names of the objects that were last reported as missing in the file. */
  #reported = ''

  /**
   * @param state the state to save
   * @param delayMs between a change and its write: a list of many objects is one write
   * @param max maximum number of characters of all objects
   */
  constructor(
    path: string,
    state: () => SavedState,
    log: SourceLog,
    delayMs: number,
    max = savedMax,
  ) {
    this.#state = state
    this.#log = log
    this.#max = max
    const failed = (action: string, { message }: Error) => {
      log.warning(`${action} policies of the Kubernetes API (${path}): ${message}`)
    }
    const encode = () => this.#encode()
    this.#file = new SavedFile(path, { encode, decode, failed }, delayMs)
  }

  /** The saved state; undefined if there is none. */
  read(): SavedState | undefined {
    return this.#file.read()
  }

  /** The state has changed: it is written soon. */
  changed(): void {
    this.#file.changed()
  }

  /** Writes a change that was not written yet. */
  close(): void {
    this.#file.close()
  }

  #encode(): string {
    const { labels, objects } = this.#state()
    const { saved, omitted } = fitting(objects, this.#max)
    this.#report(omitted)
    const head = labels === undefined ? '' : `"labels":${JSON.stringify(labels)},`
    return `{${head}"objects":[${saved.join(',')}]}`
  }

  /** Logs what is missing in the file, if that has changed. */
  #report(omitted: readonly string[]): void {
    const [shown, others] = [omitted.slice(0, shownMax).join(', '), omitted.length - shownMax]
    const names = others > 0 ? `${shown} and ${others} more` : shown
    if (names !== '' && names !== this.#reported) {
      const limit = `the file has room for ${this.#max} characters of JSON`
      const effect = 'a restart of the agent without the API server would not load'
      this.#log.warning(`save policies of the Kubernetes API: ${limit}; ${effect} ${names}`)
    }
    this.#reported = names
  }
}

function decode(json: unknown): SavedState {
  const { labels, objects } = fields(json)
  return {
    labels: labels === undefined ? undefined : texts(labels),
    objects: list(objects).flatMap((content) => {
      const kind = policyKinds.find((each) => each.kind === fields(content).kind)
      return (kind && policyObject(kind, fields(content))) ?? []
    }),
  }
}

/**
 * The JSON of the objects that fit. Those of the whole cluster are first: users of a namespace must
 * not displace them.
 */
function fitting(objects: readonly PolicyObject[], max: number) {
  const saved: string[] = []
  const omitted: string[] = []
  const isOfCluster = ({ id }: PolicyObject): boolean => id.namespace === ''
  const ofNamespaces = objects.filter((object) => !isOfCluster(object))
  let rest = max
  for (const object of [...objects.filter(isOfCluster), ...ofNamespaces]) {
    const text = contentText(object)
    // Such an object is refused when it is read.
    if (text === undefined || lengthProblem(text) !== undefined) continue
    if (text.length > rest) {
      omitted.push(object.title)
    } else {
      rest -= text.length
      saved.push(text)
    }
  }
  return { saved, omitted }
}
