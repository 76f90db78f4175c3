import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeEvent } from '../../events/event-filter.ts'
import { sampleFindings, sampleKeys, sampleLine } from '../../testing/sample-events.ts'
import { ecs } from './ecs.ts'

/** Which `event.type` each `event.category` may have, in ECS 9.4. */
const types: Readonly<Record<string, readonly string[]>> = {
  process: ['access', 'change', 'end', 'info', 'start'],
  library: ['start'],
  host: ['access', 'change', 'end', 'info', 'start'],
  intrusion_detection: ['allowed', 'denied', 'info'],
}

/** Paths of the fields that are used here, as ECS 9.4 has them; lists have that of their items. */
const processFields =
  'pid entity_id name executable command_line args args_count working_directory start end ' +
  'exit_code user.id user.name group.id real_user.id real_group.id saved_user.id ' +
  'saved_group.id thread.id thread.capabilities.effective thread.capabilities.permitted env_vars ' +
  'session_leader.pid session_leader.entity_id'
const fields = new Set([
  ...'@timestamp message ecs.version related.user user.id user.name dll.path'.split(' '),
  ...'kind category type action provider module dataset outcome severity reason original'
    .split(' ')
    .map((name) => `event.${name}`),
  ...processFields.split(' ').flatMap((name) => [`process.${name}`, `process.parent.${name}`]),
  ...'id name image.name'.split(' ').map((name) => `container.${name}`),
  ...'type cluster.name namespace resource.type resource.name resource.id resource.parent.type'
    .split(' ')
    .map((name) => `orchestrator.${name}`),
  ...'host.name host.os.type agent.type agent.version'.split(' '),
  ...'rule.id rule.name rule.ruleset'.split(' '),
  ...'threat.framework threat.technique.id threat.technique.subtechnique.id'.split(' '),
])

function pathsOf(value: unknown, path = ''): string[] {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return [path]
  return Object.entries(value).flatMap(([key, each]) =>
    pathsOf(each, path ? `${path}.${key}` : key),
  )
}

function documentOf(line: Buffer) {
  const event = decodeEvent(line)
  assert.ok(event)
  return JSON.parse(ecs(event, { nodeName: 'node-1', version: '1.2.3' }, line))
}

describe('the Elastic Common Schema', () => {
  for (const key of sampleKeys) {
    for (const findings of [undefined, sampleFindings]) {
      it(`has only its own fields and values: ${key}${findings ? ' with findings' : ''}`, () => {
        const document = documentOf(sampleLine(key, { findings }))
        assert.deepEqual(
          pathsOf(document).filter((path) => !fields.has(path)),
          [],
        )
        const { category, type, kind, dataset } = document.event
        assert.equal(kind, findings ? 'alert' : 'event')
        assert.equal(dataset, `tetragon.${key}`)
        const allowed = category.flatMap((each: string) => types[each] ?? [])
        for (const each of type) assert.ok(allowed.includes(each), `${category}: ${each}`)
        assert.equal(document['@timestamp'], '2026-01-02T03:04:05.123456789Z')
      })
    }
  }

  it('has processes with their credentials, pods and parents', () => {
    const { process, user, container, orchestrator, event } = documentOf(sampleLine('process_exec'))
    assert.deepEqual([event.type, event.action], [['start'], 'exec'])
    assert.equal(process.executable, '/usr/bin/coreutils')
    assert.deepEqual(process.args, ['cat', 'a b', 'c'])
    assert.deepEqual([process.parent.pid, process.parent.command_line], [7, '/usr/bin/bash'])
    assert.deepEqual(user, { id: '0', name: 'me' })
    assert.deepEqual(process.real_user, { id: '1000' })
    assert.equal(container.image.name, 'web:1')
    assert.deepEqual(orchestrator.resource.parent, { type: 'deployment' })
  })

  it('has exits, losses, refusals and rules', () => {
    assert.deepEqual(documentOf(sampleLine('process_exit')).process.exit_code, 3)
    assert.equal(documentOf(sampleLine('rate_limit_info')).event.reason, '12 events lost')
    const line = sampleLine('process_kprobe', { findings: sampleFindings })
    const { event, rule, threat } = documentOf(line)
    assert.deepEqual(event.type, ['info', 'denied'])
    assert.deepEqual([event.outcome, event.severity], ['failure', 5])
    assert.equal(event.original, line.toString())
    assert.deepEqual(rule, { id: 'r-2', name: 'Bad', ruleset: 'p' })
    assert.deepEqual(threat.technique, {
      id: ['T1611', 'T1053'],
      subtechnique: { id: ['T1053.003'] },
    })
  })
})
