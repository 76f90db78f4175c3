import { fields, type KubeObject, text } from '@tetragon-ts/kubernetes'
import { detectionRuleKind, policyRef, ruleTextMax } from '@tetragon-ts/policy/status'
import type { WatchedResource } from '../../../kubernetes/watched-resource.ts'
import type { RuleObjects } from '../../../rules/rule-control.ts'
import type { SourceLog } from '../policy-source.ts'
import type { ReportedPolicy } from './node-status.ts'

/** Of all objects, in characters; those beyond it are refused. */
const totalMax = 32 * 1024 * 1024
const { kind, plural } = detectionRuleKind

/** An object of the API server. */
interface RuleObject {
  readonly name: string
  readonly rules: string
  /** Its name in reports of its state. */
  readonly ref: string
}

/**
 * The detection rules of the API server. All objects are given to the agent together, since filters
 * and correlations may refer to rules of other objects; changes that arrive until then are
 * given together next. Rules with errors are left out, and the object is reported as failed.
 */
export class DetectionRules {
  readonly #rules: RuleObjects
  readonly #log: SourceLog
  readonly #changed: () => void
  #objects = new Map<string, RuleObject>()
  #reported: readonly ReportedPolicy[] = []
  #isBusy = false
  #hasChanged = false

  /** @param changed called when the states of rules have changed */
  constructor(rules: RuleObjects, log: SourceLog, changed: () => void) {
    this.#rules = rules
    this.#log = log
    this.#changed = changed
  }

  /** What is watched. */
  readonly resource: WatchedResource<RuleObject> = {
    name: `${plural}.cilium.io`,
    path: `/apis/cilium.io/v1alpha1/${plural}`,
    selector: '',
    effect: 'detection rules stay, and changes are seen when it succeeds',
    read: readObject,
    replace: (objects) => {
      const before = this.#objects
      this.#objects = new Map(objects.map((each) => [each.name, each]))
      const isSame = objects.every(({ name, ref }) => before.get(name)?.ref === ref)
      if (!isSame || before.size !== this.#objects.size) this.#change()
    },
    change: (object) => {
      // Changes of the status are not changes of the rules.
      if (this.#objects.get(object.name)?.ref === object.ref) return
      this.#objects.set(object.name, object)
      this.#change()
    },
    remove: ({ name }) => {
      if (this.#objects.delete(name)) this.#change()
    },
  }

  /** The states of the objects that were given to the agent last. */
  get reported(): readonly ReportedPolicy[] {
    return this.#reported
  }

  #change(): void {
    this.#hasChanged = true
    if (!this.#isBusy) void this.#apply()
  }

  async #apply(): Promise<void> {
    this.#isBusy = true
    while (this.#hasChanged) {
      this.#hasChanged = false
      const objects = [...this.#objects.values()]
      this.#reported = await this.#give(objects)
      this.#changed()
    }
    this.#isBusy = false
  }

  async #give(objects: readonly RuleObject[]): Promise<ReportedPolicy[]> {
    let length = 0
    const accepted = objects.filter(({ rules }) => {
      length += rules.length
      return rules.length <= ruleTextMax && length <= totalMax
    })
    const failed = ({ name, ref }: RuleObject, lines: readonly string[]): ReportedPolicy => {
      return { ref, state: 'failed', error: lines.map((line) => errorOf(name, line)).join('\n') }
    }
    try {
      const texts = new Map(accepted.map(({ name, rules }) => [name, rules]))
      const errors = await this.#rules.setObjects(texts)
      return objects.map((object) => {
        if (!texts.has(object.name)) return failed(object, ['too large: split the rules'])
        const lines = errors.get(object.name)
        return lines ? failed(object, lines) : { ref: object.ref, state: 'enabled', error: '' }
      })
    } catch (error) {
      const { message } = error as Error
      this.#log.warning(`use the detection rules of the Kubernetes API: ${message}`)
      return objects.map((object) => failed(object, [message]))
    }
  }
}

function readObject({ metadata, ...object }: KubeObject): RuleObject | undefined {
  const { name, uid, generation } = fields(metadata)
  if (text(name) === '' || text(uid) === '' || typeof generation !== 'number') return undefined
  const rules = text(fields((object as { readonly spec?: unknown }).spec).rules)
  return { name: text(name), rules, ref: policyRef(text(uid), generation) }
}

/** An error in the form of those of policies: the position is the path in the object. */
function errorOf(name: string, line: string): string {
  const [, position, message] = /^(\d+:\d+): (.*)$/.exec(line) ?? []
  const problem = position === undefined ? line : `${message} (spec.rules:${position})`
  return `${kind} ${name}: error: ${problem}`
}
