import { fields, list, texts } from '@tetragon-ts/kubernetes'
import { type Labels, lengthProblem, policyKinds } from '@tetragon-ts/policy'
import { SavedFile, savedMax } from '../../../files/saved-file.ts'
import { type SavedPart, SavedParts } from '../../../files/saved-parts.ts'
import type { SourceLog } from '../policy-source.ts'
import { contentText, type PolicyObject, policyObject } from './policy-object.ts'

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
  readonly #parts: SavedParts
  readonly #file: SavedFile<SavedState>

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
    this.#parts = new SavedParts(max, (titles) => {
      const limit = `the file has room for ${max} characters of JSON`
      const effect = 'a restart of the agent without the API server would not load'
      log.warning(`save policies of the Kubernetes API: ${limit}; ${effect} ${titles}`)
    })
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
    const head = labels === undefined ? '' : `"labels":${JSON.stringify(labels)},`
    return `{${head}"objects":[${this.#parts.take(partsOf(objects)).join(',')}]}`
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

/** Objects of the whole cluster are first: users of a namespace must not displace them. */
function* partsOf(objects: readonly PolicyObject[]): Iterable<SavedPart> {
  const isOfCluster = ({ id }: PolicyObject): boolean => id.namespace === ''
  const ofNamespaces = objects.filter((object) => !isOfCluster(object))
  for (const object of [...objects.filter(isOfCluster), ...ofNamespaces]) {
    const json = contentText(object)
    // Such an object is refused when it is read.
    if (json === undefined || lengthProblem(json) !== undefined) continue
    yield { title: object.title, json }
  }
}
