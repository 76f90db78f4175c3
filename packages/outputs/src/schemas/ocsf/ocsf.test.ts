import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeEvent } from '../../events/event-filter.ts'
import { sampleFindings, sampleKeys, sampleLine } from '../../testing/sample-events.ts'
import { ocsf } from './ocsf.ts'

type Document = Record<string, unknown> & { readonly [name: string]: never }

/** Activities and required attributes of the classes that are used here, in OCSF 1.8. */
const classes: Readonly<
  Record<number, { activities: number[]; required: string[]; own: string[] }>
> = {
  1003: { activities: [1, 2, 3, 4], required: ['actor', 'device', 'kernel'], own: [] },
  1005: { activities: [1, 2, 3], required: ['actor', 'device', 'module'], own: [] },
  1007: {
    activities: [1, 2, 3, 4, 5],
    required: ['actor', 'device', 'process'],
    own: ['exit_code', 'launch_type_id'],
  },
  1008: {
    activities: [1, 2, 5, 6, 7, 8, 9, 10, 99],
    required: ['log_name'],
    own: ['actor', 'device'],
  },
  2004: {
    activities: [1, 2, 3],
    required: ['finding_info'],
    own: ['evidences', 'actor', 'device', 'is_alert'],
  },
  6008: { activities: [1, 2], required: ['message'], own: ['count', 'actor', 'device'] },
}
const required = 'activity_id category_uid class_uid metadata severity_id time type_uid'.split(' ')
const optional = 'activity_name message raw_data status_id status_detail'.split(' ')
/** Attributes that profiles add to the event. */
const profiles: Readonly<Record<string, readonly string[]>> = {
  host: ['actor', 'device'],
  container: ['container'],
  'linux/linux_users': [],
  security_control: ['action_id', 'disposition_id', 'is_alert'],
}

/** Required attributes of objects, wherever they are; `any`: at least one of them. */
const objects: Readonly<Record<string, { all?: string[]; any?: string[] }>> = {
  metadata: { all: ['product', 'version'] },
  product: { all: ['vendor_name', 'name', 'version'] },
  actor: { any: ['process', 'user', 'session', 'app_name'] },
  process: { any: ['pid', 'uid', 'cpid'] },
  parent_process: { any: ['pid', 'uid', 'cpid'] },
  user: { any: ['account', 'name', 'uid'] },
  file: { all: ['name', 'type_id'] },
  module: { any: ['load_type_id', 'function_name'] },
  kernel: { all: ['name', 'type_id'] },
  device: { all: ['type_id'] },
  os: { all: ['name', 'type_id'] },
  container: { any: ['uid', 'name'] },
  image: { all: ['uid'] },
  finding_info: { all: ['uid'] },
  analytic: { all: ['type_id'] },
  related_analytics: { all: ['type_id'] },
  attacks: { any: ['tactic', 'technique', 'sub_technique'] },
  evidences: { any: ['actor', 'process', 'file', 'data'] },
}

function checkObjects(value: unknown, name: string): void {
  if (Array.isArray(value)) {
    for (const each of value) checkObjects(each, name)
    return
  }
  if (value === null || typeof value !== 'object') return
  const { all = [], any } = objects[name] ?? {}
  for (const each of all) assert.ok(each in value, `${name} lacks ${each}`)
  assert.ok(any === undefined || any.some((each) => each in value), `${name} has none of ${any}`)
  for (const [key, each] of Object.entries(value)) checkObjects(each, key)
}

function documentOf(line: Buffer): Document {
  const event = decodeEvent(line)
  assert.ok(event)
  return JSON.parse(ocsf(event, { nodeName: 'node-1', version: '1.2.3' }, line))
}

describe('OCSF', () => {
  for (const key of sampleKeys) {
    for (const findings of [undefined, sampleFindings]) {
      it(`has what its classes require: ${key}${findings ? ' with findings' : ''}`, () => {
        const document = documentOf(sampleLine(key, { findings }))
        const { class_uid, activity_id, category_uid, type_uid, metadata, time } = document
        const known = classes[class_uid]
        assert.ok(known, `class ${class_uid}`)
        assert.ok(known.activities.includes(activity_id))
        assert.ok(activity_id !== 99 || document.activity_name)
        assert.equal(type_uid, class_uid * 100 + activity_id)
        assert.equal(category_uid, Math.floor(class_uid / 1000))
        assert.equal(time, Date.parse('2026-01-02T03:04:05.123Z'))
        for (const name of [...required, ...known.required]) assert.ok(name in document, name)
        const added = (metadata as { profiles: string[] }).profiles.flatMap((each) => {
          assert.ok(profiles[each], each)
          return profiles[each]
        })
        const all = [...required, ...optional, ...known.required, ...known.own, ...added]
        assert.deepEqual(
          Object.keys(document).filter((name) => !all.includes(name)),
          [],
        )
        checkObjects(document, '')
      })
    }
  }

  it('has the class and the activity of each kind', () => {
    const types = sampleKeys.map((key) => [key, documentOf(sampleLine(key)).type_uid])
    assert.deepEqual(Object.fromEntries(types), {
      process_exec: 100_701,
      process_exit: 100_702,
      process_loader: 100_501,
      process_kprobe: 100_304,
      process_tracepoint: 100_304,
      process_lsm: 100_304,
      process_uprobe: 100_503,
      process_usdt: 100_503,
      process_throttle: 100_810,
      rate_limit_info: 600_801,
      test: 100_899,
    })
  })

  it('has processes, who started them, and their containers', () => {
    const { actor, process, container, launch_type_id } = documentOf(sampleLine('process_exec'))
    assert.equal((actor as { process: { pid: number } }).process.pid, 7)
    const { pid, uid, cmd_line, auid, euid } = process as Record<string, unknown>
    assert.deepEqual([pid, uid, cmd_line, auid, euid], [42, 'Y2hpbGQ=', 'cat a b c', 1000, 0])
    assert.equal((container as { pod_uuid: string }).pod_uuid, '0-0-0')
    assert.equal(launch_type_id, 3)
    assert.equal(documentOf(sampleLine('process_exit')).exit_code, 3)
  })

  it('has system calls, refusals, losses and findings', () => {
    const call = documentOf(sampleLine('process_kprobe'))
    assert.deepEqual(call.kernel, { name: '__x64_sys_mount', type_id: 2, system_call: 'mount' })
    assert.deepEqual([call.action_id, call.disposition_id, call.status_id], [2, 2, 2])
    assert.equal(documentOf(sampleLine('rate_limit_info')).count, 12)
    const line = sampleLine('process_lsm', { findings: sampleFindings })
    const { finding_info, severity_id, action_id, disposition_id, raw_data } = documentOf(line)
    const { title, analytic, attacks } = finding_info as Record<string, object>
    assert.deepEqual([title, severity_id, action_id, disposition_id], ['Bad', 5, 3, 19])
    assert.deepEqual(analytic, { type_id: 1, uid: 'r-2', name: 'Bad' })
    assert.deepEqual(attacks, [
      { technique: { uid: 'T1611' } },
      { technique: { uid: 'T1053' }, sub_technique: { uid: 'T1053.003' } },
    ])
    assert.equal(raw_data, line.toString())
  })
})
