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

/** The highest level of an event's findings; a finding without a level has the lowest. */
export function levelText({ response }: Event): string {
  const ranks = (response.findings ?? []).map(levelOf)
  return ranks.length === 0 ? '' : findingLevels[Math.max(...ranks)]
}

function levelOf({ level = '' }: Finding): number {
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
