import { type Event, type Finding, findingLevels } from '@tetragon-ts/api'

const levels: readonly string[] = findingLevels

/** A detection rule that matches an event. */
export interface EventFinding {
  readonly level: string
  readonly title: string
  /** Techniques, repetitions and whether it is certain. */
  readonly notes: string
  /** The fields that made the rule match. */
  readonly fields: readonly { readonly field: string; readonly value: string }[]
}

/** Titles of the detection rules that match an event; empty without one. */
export function ruleText({ response }: Event): string {
  return (response.findings ?? []).map(({ title, rule }) => title || rule || '').join('; ')
}

/**
 * The highest level of an event's findings, and of its policy; a finding without a level has the
 * lowest.
 */
export function levelText(event: Event): string {
  const ranks = (event.response.findings ?? []).map(levelOf)
  const rank = Math.max(policyRank(event), ...ranks)
  return rank < 0 ? '' : findingLevels[rank]
}

const levelTag = 'level.'
/** Policies of rules: their events have findings. */
const ofRules = 'detection-rules-'

/** Rank of the level that a policy has by a tag, such as `level.high`; -1 without one. */
export function policyRank({ body }: Pick<Event, 'body'>): number {
  const tags = ('tags' in body && body.tags) || []
  const name = ('policy_name' in body && body.policy_name) || ''
  if (name === '' || name.startsWith(ofRules)) return -1
  const ranks = tags.map((tag) =>
    tag.startsWith(levelTag) ? levels.indexOf(tag.slice(levelTag.length)) : -1,
  )
  return Math.max(-1, ...ranks)
}

/** Rank of the level of a finding. */
export function levelOf({ level = '' }: Finding): number {
  return Math.max(0, levels.indexOf(level))
}

/** The findings of an event, the highest level first. */
export function eventFindings({ response }: Event): EventFinding[] {
  return [...(response.findings ?? [])]
    .sort((a, b) => levelOf(b) - levelOf(a))
    .map((finding) => ({
      level: findingLevels[levelOf(finding)],
      title: finding.title || finding.rule || '',
      notes: notesOf(finding),
      fields: (finding.fields ?? []).map(({ field = '', value = '' }) => ({ field, value })),
    }))
}

function notesOf({ repeated = 0, uncertain, exec_ids, techniques = [] }: Finding): string {
  return [
    ...techniques,
    ...(Number(repeated) > 0 ? [`and ${repeated} more since the last one`] : []),
    ...(uncertain ? ['uncertain, since events were lost'] : []),
    ...(exec_ids === undefined ? [] : [`${exec_ids.length} processes`]),
  ].join(', ')
}
