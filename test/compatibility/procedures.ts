import { agentFiles } from '@tetragon-ts/api/proto'
import { original } from './reference/original.ts'
import { better, compare, type Exceptions, type Section, same } from './table.ts'

const service = 'tetragon.FineGuidanceSensors'

const exceptions: Exceptions = {
  [`${service}.GetEvents`]: better(
    'aggregation is implemented; a slow client gets the number of missed events in their place',
  ),
  [`${service}.AddTracingPolicy`]: better('all errors are reported together, with line and column'),
  [`${service}.EnableTracingPolicy`]: same('needs --enable-deprecated-tracingpolicy-grpc'),
  [`${service}.DisableTracingPolicy`]: same('needs --enable-deprecated-tracingpolicy-grpc'),
  [`${service}.ListSensors`]: same('returns that it is deprecated'),
  [`${service}.EnableSensor`]: same('returns that it is deprecated'),
  [`${service}.DisableSensor`]: same('returns that it is deprecated'),
  [`${service}.RemoveSensor`]: same('returns that it is deprecated'),
  [`${service}.RuntimeHook`]: better('answered when the pod is known and policies are decided'),
}

/** The procedures of the server. */
export function procedureSection(): Section {
  const ours = agentFiles
    .flatMap((file) => file.services ?? [])
    .flatMap((each) => Object.keys(each.rpcs).map((name) => `${each.package}.${each.name}.${name}`))
  const names = [...original.procedures.keys()].map((name) => `tetragon.${name}`)
  const known = new Set(names)
  const own = ours.filter((name) => !known.has(name))
  return {
    title: 'Procedures',
    intro:
      'The server also implements `grpc.health.v1.Health` (services `liveness` and `readiness`) and ' +
      'server reflection, v1 and v1alpha.',
    ...compare({ theirs: names, ours: new Set(ours), exceptions, understood: () => true }),
    ours: own.map((name) => ({ name, note: 'see packages/api/proto/tetragonts' })),
  }
}
