import { existsSync } from 'node:fs'
import { AgentError } from '../error.ts'
import type { Log } from '../log/log.ts'
import type { RulesInForce } from '../reader/protocol.ts'
import { type RuleSources, type RuleText, readRuleTexts } from '../rules/rule-texts.ts'

/** Evaluates detection rules: the reader of the agent. */
interface Evaluator {
  setRules(texts: readonly RuleText[]): Promise<RulesInForce>
}

/** Detection rules in files. A rule with an error is left out, and reported; the agent goes on. */
export class DaemonRules {
  readonly #sources: RuleSources
  readonly #log: Log
  #hasRules = false

  constructor(sources: RuleSources, log: Log) {
    this.#sources = sources
    this.#log = log
  }

  get #paths(): readonly string[] {
    const { paths, folder } = this.#sources
    return folder !== '' && existsSync(folder) ? [...paths, folder] : paths
  }

  /**
   * The texts for the start; undefined: there are none.
   * @throws AgentError AGENT_OPTION if a path of the command line is missing
   */
  read(): readonly RuleText[] | undefined {
    const missing = this.#sources.paths.find((path) => !existsSync(path))
    if (missing !== undefined) {
      throw new AgentError('AGENT_OPTION', `read rules: no such file or folder: ${missing}`)
    }
    const { texts, errors } = readRuleTexts(this.#paths)
    for (const error of errors) this.#log.warning(error)
    this.#hasRules = texts.length > 0
    return this.#hasRules ? texts : undefined
  }

  /** Reads the files again. If one cannot be read, the rules stay as they are. */
  async reload(evaluator: Evaluator): Promise<void> {
    const { texts, errors } = readRuleTexts(this.#paths)
    if (errors.length > 0) {
      for (const error of errors) this.#log.error(`reload rules: ${error}`)
      return
    }
    if (texts.length === 0 && !this.#hasRules) return
    this.#hasRules = texts.length > 0
    try {
      const { count, errors: left } = await evaluator.setRules(texts)
      for (const error of left) this.#log.warning(error)
      this.#log.info(`detection rules reloaded: ${count} in force`)
    } catch (error) {
      if (!(error instanceof AgentError) || error.code !== 'AGENT_RULES') throw error
      this.#log.error(`reload rules: ${error.message}`)
    }
  }
}
