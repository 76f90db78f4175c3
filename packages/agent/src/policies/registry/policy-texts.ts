import { formatDiagnostics, type PolicyDocument, readPolicies } from '@tetragon-ts/policy'
import { RequestError } from '../../request-error.ts'
import type { PolicyId } from './policy-control.ts'

/** What is longer would keep all clients waiting for many seconds, if only to find it wrong. */
const longestText = 2 ** 20

/**
 * Hooks and selectors of a client's policy: compiling and attaching take some milliseconds each,
 * during which other clients wait. A list of functions is one hook, whatever it holds; files have
 * no limit.
 */
const mostHooks = 1000
const mostSelectors = 2000

/** @throws RequestError */
function checkSize({ policy: { hooks } }: PolicyDocument): void {
  const selectors = hooks.reduce((sum, hook) => sum + hook.selectors.length, 0)
  for (const [count, most, what] of [
    [hooks.length, mostHooks, 'hooks'],
    [selectors, mostSelectors, 'selectors'],
  ] as const) {
    if (count <= most) continue
    const message = `read policy: it has ${count} ${what}; the limit for clients is ${most}`
    throw new RequestError('invalid', message)
  }
}

/** Texts of policies that came from clients. */
export class PolicyTexts {
  readonly #texts = new WeakMap<PolicyDocument, string>()

  /** What a client sent; undefined for policies of files. */
  of(document: PolicyDocument): string | undefined {
    return this.#texts.get(document)
  }

  /**
   * Reads a text that was kept, perhaps by an earlier release. What cannot be read is shown all the
   * same, with its reason, until it is deleted or replaced: then the document is an empty one.
   */
  restore({ name }: PolicyId, yaml: string): { document: PolicyDocument; unreadable?: string } {
    try {
      return { document: this.read(yaml) }
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
      const metadata = `metadata: {name: ${JSON.stringify(name)}}`
      const text = `apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\n${metadata}\nspec: {}\n`
      const [document] = readPolicies(text, 'policy.yaml').documents
      if (document === undefined) throw error
      this.#texts.set(document, yaml)
      return { document, unreadable: error.message }
    }
  }

  /** Reads the text of one policy. @throws RequestError with all that is wrong */
  read(yaml: string): PolicyDocument {
    if (yaml.length > longestText) {
      const message = `read policy: it has ${yaml.length} characters, ${longestText} at most are read`
      throw new RequestError('invalid', message)
    }
    const { documents, diagnostics } = readPolicies(yaml, 'policy.yaml', 'stranger')
    const errors = diagnostics.filter(({ severity }) => severity === 'error')
    if (errors.length > 0) {
      throw new RequestError('invalid', `read policy:\n${formatDiagnostics(errors, yaml)}`)
    }
    const [document, ...others] = documents
    if (others.length > 0) {
      const count = documents.length
      throw new RequestError('invalid', `read policy: expected one policy, found ${count}`)
    }
    checkSize(document)
    this.#texts.set(document, yaml)
    return document
  }
}
