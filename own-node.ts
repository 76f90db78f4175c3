import { isDeepStrictEqual } from 'node:util'
import { fields, type KubeObject, texts } from '@tetragon-ts/kubernetes'
import { type LabelSelector, type Labels, labelMatcher } from '@tetragon-ts/policy'
import type { SourceLog } from '../policy-source.ts'
import type { WatchedResource } from './watched-resource.ts'

/** The labels of the agent's node in the API server. */
export class OwnNode implements WatchedResource<Labels> {
  readonly name = 'nodes'
  readonly path = '/api/v1/nodes'
  readonly selector: string
  readonly effect =
    'until its labels are known, this node loads policies whatever their nodeSelector'
  readonly #nodeName: string
  readonly #log: SourceLog
  readonly #changed: () => void
  #labels: Labels | undefined

  /** @param changed is called when the labels are known or have changed */
  constructor(nodeName: string, log: SourceLog, changed: () => void) {
    this.selector = `fieldSelector=${encodeURIComponent(`metadata.name=${nodeName}`)}`
    this.#nodeName = nodeName
    this.#log = log
    this.#changed = changed
  }

  read({ metadata }: KubeObject): Labels {
    return texts(fields(metadata).labels)
  }

  replace([labels]: readonly Labels[]): void {
    if (labels !== undefined) this.change(labels)
    else this.#log.warning(`find node ${this.#nodeName}: the API server has none; ${this.effect}`)
  }

  /** Undefined: not known yet. */
  get labels(): Labels | undefined {
    return this.#labels
  }

  /** The status of a node changes every few seconds, its labels rarely. */
  change(labels: Labels): void {
    if (isDeepStrictEqual(this.#labels, labels)) return
    this.#labels = labels
    this.#changed()
  }

  /** The agent runs, so its node will be registered again: the last labels stay. */
  remove(): void {}

  /** Whether a selector selects the node. Until its labels are known, every selector does. */
  matches(selector: LabelSelector | undefined): boolean {
    if (selector === undefined || this.#labels === undefined) return true
    return labelMatcher(selector)(this.#labels)
  }
}
