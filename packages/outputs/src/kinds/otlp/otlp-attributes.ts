import type { MessageOf, Process } from '@tetragon-ts/api'
import { eventId } from '../../events/event-fields.ts'
import { commandLine, factsOf, nameOf } from '../../schemas/event-facts.ts'
import type { EncodedEvent } from '../../schemas/schema.ts'
import type { AnyValue, KeyValue, ScalarValue } from './common-messages.ts'

/** Values of attributes by name; those without a value are omitted. */
export type Attributes = Readonly<
  Record<string, string | number | boolean | readonly string[] | undefined>
>

/** Attributes of a record, by the semantic conventions 1.44. */
export function attributesOf({ event, queued }: EncodedEvent): Attributes {
  const { process, parent, policy, functionName, path, isDenied, findings } = factsOf(event)
  const [first] = findings
  const { body } = event
  return {
    'log.record.uid': eventId(queued.line),
    ...(process && processAttributes(process)),
    'process.parent_pid': parent?.pid,
    'process.exit.code': event.key === 'process_exit' ? (event.body.status ?? 0) : undefined,
    'tetragon.signal': 'signal' in body && body.signal ? body.signal : undefined,
    'tetragon.function': functionName,
    'file.path': path,
    'tetragon.policy.name': policy,
    'tetragon.denied': isDenied || undefined,
    'security_rule.name': first?.title ?? first?.rule,
    'security_rule.uuid': first?.rule,
    'tetragon.rule.techniques': first?.techniques,
  }
}

function processAttributes(process: Process): Attributes {
  const { pid, uid, binary, argv, cwd, start_time, exec_id, user, pod } = process
  const { uid: realUid, euid, suid } = process.process_credentials ?? {}
  const container = pod?.container ?? process.container
  return {
    'process.pid': pid,
    'tetragon.exec_id': exec_id,
    'process.executable.name': nameOf(binary),
    'process.executable.path': process.executable ?? binary,
    'process.command_line': commandLine(process),
    'process.command_args': argv,
    'process.working_directory': cwd || undefined,
    'process.creation.time': start_time,
    'process.owner': user?.name,
    'process.user.id': euid ?? uid,
    'process.real_user.id': realUid,
    'process.saved_user.id': suid,
    'process.session_leader.pid': process.session_id,
    'container.id': container?.id ?? (process.docker || undefined),
    'container.image.name': container?.image?.name,
    'k8s.namespace.name': pod?.namespace,
    'k8s.pod.name': pod?.name,
    'k8s.pod.uid': pod?.uid,
    'k8s.container.name': pod && container?.name,
  }
}

/** Attributes as OTLP has them in JSON: 64-bit integers are texts. */
export function keyValues(attributes: Attributes): MessageOf<typeof KeyValue>[] {
  return Object.entries(attributes).flatMap(([key, value]) => {
    return value === undefined || value === '' ? [] : { key, value: anyValue(value) }
  })
}

type Value = NonNullable<Attributes[string]>

function anyValue(value: Value): MessageOf<typeof AnyValue> {
  if (Array.isArray(value)) return { arrayValue: { values: value.map(scalarValue) } }
  return scalarValue(value as Exclude<Value, readonly string[]>)
}

function scalarValue(value: string | number | boolean): MessageOf<typeof ScalarValue> {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'number') return { intValue: String(value) }
  return { boolValue: value }
}
