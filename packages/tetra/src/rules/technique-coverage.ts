import { isMap, isScalar, parseAllDocuments, visit } from '@tetragon-ts/policy/yaml'

/** How well a technique is covered, the best first. */
export const coverages = ['detected', 'low', 'seen'] as const
export type Coverage = (typeof coverages)[number]

/** A technique of ATT&CK, and the rules and policies that name it. */
export interface CoveredTechnique {
  readonly technique: string
  readonly coverage: Coverage
  readonly names: readonly string[]
}

/** What a rule or policy says about a technique. */
export interface Mention {
  readonly technique: string
  readonly coverage: Coverage
  readonly name: string
}

/** Joins what is said about each technique, in the order of their ids; the best coverage counts. */
export function coveredTechniques(mentions: readonly Mention[]): CoveredTechnique[] {
  const byTechnique = new Map<string, Mention[]>()
  for (const each of mentions) {
    const others = byTechnique.get(each.technique)
    if (others === undefined) byTechnique.set(each.technique, [each])
    else others.push(each)
  }
  return [...byTechnique]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([technique, of]) => {
      const has = (wanted: Coverage) => of.some(({ coverage }) => coverage === wanted)
      const names = [...new Set(of.map(({ name }) => name))]
      return { technique, coverage: coverages.find(has) ?? 'seen', names }
    })
}

/** Techniques in the tags of the hooks of policies; other texts have none. */
export function policyMentions(text: string): Mention[] {
  const mentions: Mention[] = []
  for (const document of parseAllDocuments(text)) {
    // Rules in the same folder have tags, too.
    if (!isMap(document.contents) || !document.has('spec')) continue
    const name = String(document.getIn(['metadata', 'name']) ?? '')
    visit(document, {
      Pair: (_, { key, value }) => {
        if (!isScalar(key) || key.value !== 'tags' || isMap(value)) return
        const tags = String(value).matchAll(/\battack\.(t\d{4}(?:\.\d{3})?)\b/gi)
        for (const [, technique] of tags) {
          mentions.push({ technique: technique.toUpperCase(), coverage: 'seen', name })
        }
      },
    })
  }
  return mentions
}
