import type { Event } from '@tetragon-ts/api'
import { eventId } from '../../events/event-fields.ts'
import { type EventFacts, factsOf } from '../event-facts.ts'
import type { SchemaHost } from '../schema.ts'
import { ocsfFinding } from './ocsf-finding.ts'
import { ocsfKinds } from './ocsf-kinds.ts'
import { milliseconds, ocsfContainer, ocsfProcess } from './ocsf-objects.ts'

/** The release of the schema. */
const version = '1.8.0'
/** Levels of findings; events without are informational. */
const severities = { informational: 1, low: 2, medium: 3, high: 4, critical: 5 } as const

/**
 * An event in OCSF. One with findings is a detection finding. Arguments of hooks are in `raw_data`
 * only.
 */
export function ocsf(event: Event, host: SchemaHost, line: Buffer): string {
  const facts = factsOf(event)
  const id = eventId(line)
  const isFinding = facts.findings.length > 0
  const of = isFinding ? ocsfFinding(id, facts) : ocsfKinds[event.key](event, facts)
  const isHook = 'policy_name' in event.body
  const container = ocsfContainer(facts.process)
  const isBlocked = facts.isDenied && !isFinding
  return JSON.stringify({
    activity_id: of.activity,
    activity_name: of.activityName,
    category_uid: Math.floor(of.class / 1000),
    class_uid: of.class,
    type_uid: of.class * 100 + of.activity,
    severity_id: severities[facts.level ?? 'informational'],
    time: milliseconds(event.response.time) ?? Date.now(),
    metadata: {
      version,
      uid: id,
      product: { vendor_name: 'Tetragon', name: 'tetragon', version: host.version },
      extensions: [{ name: 'linux', uid: '1', version }],
      profiles: profilesOf(of.class, container !== undefined, isFinding || isBlocked),
    },
    message: facts.message,
    actor: actorOf(event, facts),
    device: deviceOf(event, host),
    container,
    ...(isBlocked && { action_id: 2, disposition_id: 2, status_id: 2 }),
    ...of.fields,
    raw_data: isHook || isFinding ? line.toString('utf8') : undefined,
  })
}

function profilesOf(class_: number, hasContainer: boolean, isControl: boolean): string[] {
  const profiles = ['linux/linux_users']
  // Classes of category 1 have the attributes of the host themselves.
  if (class_ >= 2000) profiles.unshift('host')
  if (hasContainer) profiles.push('container')
  if (isControl) profiles.push('security_control')
  return profiles
}

/** Who acts: of an exec the parent, otherwise the process, and the agent where there is none. */
function actorOf({ key }: Event, { process, parent }: EventFacts): object {
  const acting = key === 'process_exec' ? parent : process
  return acting === undefined ? { app_name: 'tetragon' } : { process: ocsfProcess(acting) }
}

function deviceOf({ response }: Event, { nodeName }: SchemaHost): object {
  const os = { name: 'Linux', type_id: 200 }
  return { type_id: 0, hostname: response.node_name ?? nodeName, os }
}
