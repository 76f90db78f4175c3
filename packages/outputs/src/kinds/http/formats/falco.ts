import type { Finding, Process } from '@tetragon-ts/api'
import { type FindingLevel, highestLevel } from '../../../events/event-fields.ts'
import type { EncodedEvent } from '../../../schemas/schema.ts'
import type { HttpFormat } from './format.ts'

const priorities: Readonly<Record<FindingLevel, string>> = {
  informational: 'Informational',
  low: 'Notice',
  medium: 'Warning',
  high: 'Error',
  critical: 'Critical',
}

/** Alerts as Falco writes them, one in each request: what Falcosidekick expects. */
export const falco: HttpFormat = {
  contentType: 'application/json',
  path: '/',
  tokenScheme: 'Bearer',
  eventsMax: 1,
  findingsOnly: true,
  bodies: (events) => events.flatMap(alertsOf).map((alert) => JSON.stringify(alert)),
}

/** Losses are an alert: there may be findings among them. */
function alertsOf(encoded: EncodedEvent): object[] {
  const { findings = [] } = encoded.event.response
  if (findings.length > 0) return findings.map((finding) => alertOf(encoded, finding))
  return [alertOf(encoded, { title: `Tetragon ${encoded.event.key}`, level: 'medium' })]
}

function alertOf({ event, queued }: EncodedEvent, finding: Finding): object {
  const { node_name: hostname, time } = event.response
  const { title, rule: id, techniques: tags } = finding
  const process = 'process' in event.body ? event.body.process : undefined
  const parent = 'parent' in event.body ? event.body.parent : undefined
  const rule = title || id || 'unnamed rule'
  const command = [process?.binary, process?.arguments].filter(Boolean).join(' ')
  return {
    time: time ?? new Date(queued.arrived).toISOString(),
    rule,
    priority: priorities[highestLevel([finding]) ?? 'informational'],
    source: 'tetragon',
    hostname,
    output: command === '' ? rule : `${rule}: ${command}`,
    tags,
    output_fields: {
      'evt.type': event.key,
      'rule.id': id,
      ...processFields('proc', process),
      'proc.pname': parent?.binary,
      'user.uid': process?.uid,
      'container.id': process?.docker,
      'k8s.ns.name': process?.pod?.namespace ?? null,
      'k8s.pod.name': process?.pod?.name ?? null,
    },
  }
}

function processFields(prefix: string, process: Process | undefined): Record<string, unknown> {
  return {
    [`${prefix}.pid`]: process?.pid,
    [`${prefix}.exepath`]: process?.binary,
    [`${prefix}.args`]: process?.arguments,
    [`${prefix}.cwd`]: process?.cwd,
    [`${prefix}.exec_id`]: process?.exec_id,
  }
}
