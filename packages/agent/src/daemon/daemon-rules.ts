import { existsSync } from 'node:fs'
import { AgentError } from '../error.ts'
import { ChangedWarnings } from '../log/changed-warnings.ts'
import type { Log } from '../log/log.ts'
import { RequestError } from '../request-error.ts'
import type { ListedRules, RuleControl, RuleObjects } from '../rules/rule-control.ts'
import { type RuleSources, type RuleText, readRuleTexts } from '../rules/rule-texts.ts'
import {
  noRules,
  type RuleGap,
  type RulesInForce,
  type RulesRefused,
} from '../rules/rules-in-force.ts'
import { watchConfigMap } from '../rules/watch-config-map.ts'
import { FilterExpiryWatch } from './filter-expiry-watch.ts'

/** Maximum number of texts that clients add, and of UTF-16 units in all of them. */
const addedMax = 1000
const addedLength = 32 * 1024 * 1024

/** Names are logged, and shown to other clients. */
const nameForm = /^[^\p{C}\p{Z}](?:[^\p{C}\p{Zl}\p{Zp}]{0,253}[^\p{C}\p{Z}])?$/u

/** Evaluates detection rules: the reader of the agent. */
interface Evaluator {
  setRules(texts: readonly RuleText[], required?: string): Promise<RulesInForce | RulesRefused>
}

/** Loads the policies of rules; see `RulePolicies`. */
type UsePolicies = (inForce: RulesInForce['policies']) => Promise<readonly RuleGap[]>

/**
 * Detection rules in files, and those that clients add. A rule of a file with an error is left out,
 * and reported.
 */
export class DaemonRules implements RuleControl, RuleObjects {
  readonly #sources: RuleSources
  readonly #log: Log
  #files: readonly RuleText[] = []
  #added: ReadonlyMap<string, string> = new Map()
  #objects: ReadonlyMap<string, string> = new Map()
  /** Those in force. */
  #used: ReadonlyMap<string, string> | undefined
  readonly #watchesObjects: boolean
  #isLoaded = false
  /** Fulfilled when the first rules are in force. */
  readonly #loaded: Promise<void>
  readonly #reportLoaded: () => void
  #evaluator: Evaluator | undefined
  #inForce = noRules
  #usePolicies: UsePolicies | undefined
  #unseen: readonly RuleGap[] = []
  readonly #warnings: ChangedWarnings
  #watcher: Disposable | undefined
  readonly #expiry: FilterExpiryWatch
  /** Changes wait for those before them. */
  #last: Promise<unknown> = Promise.resolve()

  /** @param watchesObjects whether there may be rules in the API server */
  constructor(sources: RuleSources, log: Log, watchesObjects = false) {
    this.#sources = sources
    this.#watchesObjects = watchesObjects
    let loaded = (): void => {}
    this.#loaded = new Promise((resolve) => {
      loaded = resolve
    })
    this.#reportLoaded = () => {
      this.#isLoaded = true
      loaded()
    }
    this.#log = log
    const renew = (): void => {
      const renewed = this.#inTurn(() => this.#use(this.#files, this.#added))
      renewed.catch((error: Error) => log.error(`renew rules: ${error.message}`))
    }
    const warn = (message: string): void => log.warning(message)
    this.#warnings = new ChangedWarnings(warn)
    this.#expiry = new FilterExpiryWatch(warn, renew)
  }

  get #paths(): readonly string[] {
    const { paths, folder } = this.#sources
    return folder !== '' && existsSync(folder) ? [...paths, folder] : paths
  }

  get #hasSources(): boolean {
    const { library } = this.#sources
    return library !== undefined || this.#paths.length > 0 || this.#watchesObjects
  }

  /**
   * @returns whether there may be rules
   * @throws AgentError AGENT_OPTION if a path of the command line is missing
   */
  checkPaths(): boolean {
    const missing = this.#sources.paths.find((path) => !existsSync(path))
    if (missing !== undefined) {
      throw new AgentError('AGENT_OPTION', `read rules: no such file or folder: ${missing}`)
    }
    return this.#hasSources
  }

  /** Gets what evaluates the rules. */
  open(evaluator: Evaluator): void {
    this.#evaluator = evaluator
  }

  /**
   * Reads the files after the start, and rules of objects that are known. Unreadable
   * ones are reported and left out.
   */
  load(): Promise<void> {
    // Those of objects wait for this, also if it fails.
    return this.#inTurn(() => this.#load()).finally(this.#reportLoaded)
  }

  async #load(): Promise<void> {
    if (!this.#hasSources) return
    const { texts, errors } = readRuleTexts(this.#paths, this.#sources.library)
    for (const error of errors) this.#log.warning(error)
    let failure = await this.#tryUse(texts)
    if (failure !== undefined && this.#objects.size > 0) {
      // Those of files work without them.
      this.#objects = new Map()
      failure = await this.#tryUse(texts)
    }
    if (failure !== undefined) {
      this.#log.error(`no detection rules are in force: ${failure}`)
      await this.#tryUse([])
      this.#inForce = { ...noRules, errors: [failure] }
    } else if (texts.length + this.#objects.size > 0) {
      const { early } = this.#inForce
      const before = early === 0 ? '' : `; events before that have no findings: ${early}`
      this.#report('read', before)
    }
  }

  async setObjects(
    texts: ReadonlyMap<string, string>,
  ): Promise<ReadonlyMap<string, readonly string[]>> {
    const before = this.#objects
    this.#objects = texts
    await this.#loaded
    return this.#inTurn(async () => {
      if (this.#used !== texts) {
        const failure = await this.#tryUse(this.#files)
        if (failure !== undefined) {
          this.#objects = before
          throw new AgentError('AGENT_RULES', failure)
        }
        this.#report('of the Kubernetes API read')
      }
      const errors = [...texts.keys()].flatMap((name) => {
        const file = objectPath(name)
        const lines = this.#inForce.byFile.get(file) ?? []
        return lines.length === 0
          ? []
          : [[name, lines.map((line) => withoutFile(line, file))] as const]
      })
      return new Map(errors)
    })
  }

  /** Loads the policies that the rules need, from now on with each change of the rules. */
  openPolicies(use: UsePolicies): Promise<void> {
    return this.#inTurn(async () => {
      this.#usePolicies = use
      if (this.#inForce.policies.length > 0) await this.#loadPolicies()
    })
  }

  async #loadPolicies(): Promise<void> {
    const { policies, needs } = this.#inForce
    const { hasOption = () => true } = this.#sources
    const missing = needs
      .filter(({ option }) => !hasOption(option))
      .map(({ option, rules }): RuleGap => {
        return { what: `fields of ${option}`, reason: 'the agent runs without this option', rules }
      })
    this.#unseen = [...((await this.#usePolicies?.(policies)) ?? []), ...missing]
    this.#warnings.report(this.#unseen.map(warningOf))
  }

  /** Reads the files again when the folder is a ConfigMap, and changes. */
  watch(): void {
    const change = () => void this.reload().catch((error: Error) => this.#log.error(error.message))
    this.#watcher = watchConfigMap(this.#sources.folder, change, ({ message }) => {
      this.#log.warning(`watch rules: ${message}; SIGHUP makes the agent read them again`)
    })
  }

  close(): void {
    this.#watcher?.[Symbol.dispose]()
    this.#expiry[Symbol.dispose]()
  }

  /** Reads the files again. If one cannot be read, the rules stay as they are. */
  reload(): Promise<void> {
    return this.#inTurn(async () => {
      const { texts, errors } = readRuleTexts(this.#paths, this.#sources.library)
      if (errors.length > 0) {
        for (const error of errors) this.#log.error(`reload rules: ${error}`)
        return
      }
      if (texts.length === 0 && this.#files.length === 0) return
      const failure = await this.#tryUse(texts)
      if (failure !== undefined) this.#log.error(`reload rules: ${failure}`)
      else this.#report('reloaded')
    })
  }

  /** @returns why the rules cannot be used */
  async #tryUse(texts: readonly RuleText[]): Promise<string | undefined> {
    try {
      await this.#use(texts, this.#added)
      return undefined
    } catch (error) {
      if (!(error instanceof AgentError) || error.code !== 'AGENT_RULES') throw error
      return error.message
    }
  }

  #report(done: string, more = ''): void {
    for (const error of this.#inForce.errors) this.#log.warning(error)
    this.#log.info(`detection rules ${done}: ${this.#inForce.rules.length} in force${more}`)
  }

  add(name: string, text: string): Promise<number> {
    return this.#inTurn(async () => {
      if (!nameForm.test(name)) {
        const message = 'add rules: a name has 1 to 255 characters, none of them invisible'
        throw new RequestError('invalid', message)
      }
      const added = new Map(this.#added).set(name, text)
      const length = [...added.values()].reduce((sum, each) => sum + each.length, 0)
      if (added.size > addedMax || length > addedLength) {
        const message = `add rules: at most ${addedMax} texts with 32 MiB in all: put them into files`
        throw new RequestError('exhausted', message)
      }
      await this.#use(this.#files, added, name)
      this.#log.info(`detection rules "${name}" added: ${this.#inForce.rules.length} in force`)
      return this.#inForce.rules.length
    })
  }

  remove(name: string): Promise<number> {
    return this.#inTurn(async () => {
      const added = new Map(this.#added)
      if (!added.delete(name)) {
        const message = `delete rules: none were added as ${JSON.stringify(name)}`
        throw new RequestError('not_found', message)
      }
      await this.#use(this.#files, added)
      this.#log.info(`detection rules "${name}" deleted: ${this.#inForce.rules.length} in force`)
      return this.#inForce.rules.length
    })
  }

  list(): ListedRules {
    const isStarting = this.#hasSources && !this.#isLoaded
    return {
      inForce: this.#inForce,
      isStarting,
      added: [...this.#added.keys()],
      unseen: this.#unseen,
    }
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const next = this.#last.then(change)
    this.#last = next.catch(() => {})
    return next
  }

  /**
   * @param required name of an added text
   * @throws RequestError if it has an error
   */
  async #use(
    files: readonly RuleText[],
    added: ReadonlyMap<string, string>,
    required?: string,
  ): Promise<void> {
    const more = [...added].map(([name, text]) => ({ path: addedPath(name), text }))
    const objects = this.#objects
    const ofObjects = [...objects].map(([name, text]) => ({ path: objectPath(name), text }))
    const path = required === undefined ? undefined : addedPath(required)
    const outcome = await this.#evaluator?.setRules([...files, ...ofObjects, ...more], path)
    if (outcome === undefined) throw new RequestError('refused', 'the agent is starting')
    if ('refused' in outcome) {
      throw new RequestError('invalid', `add rules: ${outcome.refused.join('\n')}`)
    }
    this.#files = files
    this.#added = added
    this.#used = objects
    this.#inForce = outcome
    await this.#loadPolicies()
    this.#expiry.watch(outcome.filters)
  }
}

function warningOf({ what, reason, rules, action }: RuleGap): string {
  if (action) return `${action} of detection rule ${rules.join()} is not in force: ${reason}`
  const who = rules.length === 1 ? 'a detection rule does' : `${rules.length} detection rules do`
  return `${who} not see ${what}: ${reason}`
}

/** What stands for a path in errors: no file has it. */
function addedPath(name: string): string {
  return `added:${name}`
}

/** The same for an object of the API server. */
function objectPath(name: string): string {
  return `detectionrule:${name}`
}

function withoutFile(line: string, file: string): string {
  return line.startsWith(`${file}:`) ? line.slice(file.length + 1) : line
}
