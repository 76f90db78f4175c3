import type { Event, Process } from '@tetragon-ts/api'
import { type EventFacts, factsOf, techniquesOf, unlessEmpty } from '../event-facts.ts'
import type { SchemaHost } from '../schema.ts'
import { ecsAlert, ecsKinds } from './ecs-kinds.ts'
import { ecsProcess } from './ecs-process.ts'

/** The release of the Elastic Common Schema. */
const version = '9.4.0'
/** `event.severity`: the scale of this product. */
const severities = { informational: 1, low: 2, medium: 3, high: 4, critical: 5 } as const

/** An event in the Elastic Common Schema. Arguments of hooks are in `event.original` only. */
export function ecs(event: Event, host: SchemaHost, line: Buffer): string {
  const facts = factsOf(event)
  const { time = new Date().toISOString(), cluster_name: cluster } = event.response
  const node = event.response.node_name ?? host.nodeName
  return JSON.stringify({
    '@timestamp': time,
    ecs: { version },
    event: eventFields(event, facts, line),
    message: facts.message,
    process: facts.process && {
      ...ecsProcess(facts.process),
      ...exitFields(event),
      parent: facts.parent && ecsProcess(facts.parent),
    },
    ...(facts.process && userFields(facts.process)),
    dll: event.key === 'process_loader' ? { path: facts.path } : undefined,
    container: containerFields(facts.process),
    orchestrator: orchestratorFields(facts.process, cluster),
    host: { name: node, os: { type: 'linux' } },
    agent: { type: 'tetragon', version: host.version },
    ...ruleFields(facts),
  })
}

function eventFields({ key, body, response }: Event, facts: EventFacts, line: Buffer): object {
  const { category, type, action } = ecsKinds[key]
  const { findings, level, isDenied, functionName } = facts
  const isAlert = findings.length > 0
  const isHook = 'policy_name' in body
  return {
    kind: isAlert ? 'alert' : 'event',
    category: isAlert ? [...category, ecsAlert.category] : category,
    type: isAlert ? union(type, isDenied ? ecsAlert.denied : ecsAlert.info) : type,
    action: action ?? functionName,
    provider: 'tetragon',
    module: 'tetragon',
    dataset: `tetragon.${key}`,
    outcome: isDenied ? 'failure' : undefined,
    severity: level && severities[level],
    reason: 'signal' in body && body.signal ? `signal ${body.signal}` : lossReason(response),
    original: isHook || isAlert ? line.toString('utf8') : undefined,
  }
}

function union(types: readonly string[], other: string): readonly string[] {
  return types.includes(other) ? types : [...types, other]
}

function lossReason({ rate_limit_info: loss }: Event['response']): string | undefined {
  return loss && `${loss.number_of_dropped_process_events ?? 0} events lost`
}

function exitFields({ key, body, response }: Event): object {
  if (key !== 'process_exit') return {}
  const isKilled = body.signal !== undefined && body.signal !== ''
  return { end: body.time ?? response.time, exit_code: isKilled ? undefined : (body.status ?? 0) }
}

function userFields({ uid, user, process_credentials: credentials }: Process): object {
  const id = (credentials?.euid ?? uid)?.toString()
  const name = user?.name
  const related = [id, name].filter((each) => each !== undefined)
  return {
    user: unlessEmpty({ id, name }),
    related: related.length > 0 ? { user: related } : undefined,
  }
}

function containerFields(process: Process | undefined): object | undefined {
  const container = process?.pod?.container ?? process?.container
  return unlessEmpty({
    id: container?.id ?? (process?.docker || undefined),
    name: container?.name,
    image: container?.image && unlessEmpty({ name: container.image.name }),
    labels: container?.labels,
    security_context: container?.security_context && {
      privileged: container.security_context.privileged ?? false,
    },
  })
}

function orchestratorFields(process: Process | undefined, cluster = ''): object | undefined {
  const pod = process?.pod
  if (pod === undefined) return undefined
  return {
    type: 'kubernetes',
    cluster: cluster === '' ? undefined : { name: cluster },
    namespace: pod.namespace,
    resource: {
      type: 'pod',
      name: pod.name,
      id: pod.uid,
      parent: pod.workload_kind ? { type: pod.workload_kind.toLowerCase() } : undefined,
    },
  }
}

/** The rule of the highest level, and the techniques of all. */
function ruleFields({ findings, policy }: EventFacts): object {
  const [first] = findings
  if (first === undefined) return policy ? { rule: { ruleset: policy } } : {}
  const { techniques, subtechniques } = techniquesOf(findings)
  return {
    rule: { id: first.rule, name: first.title ?? first.rule, ruleset: policy },
    threat:
      techniques.length === 0
        ? undefined
        : {
            framework: 'MITRE ATT&CK',
            technique: {
              id: techniques,
              subtechnique: subtechniques.length > 0 ? { id: subtechniques } : undefined,
            },
          },
  }
}
