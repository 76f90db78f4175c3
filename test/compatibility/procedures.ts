import { agentFiles } from '@tetragon-ts/api/proto'
import { original } from './reference/original.ts'
import { better, compare, type Exceptions, leftOut, type Section, same } from './table.ts'

const service = 'tetragon.FineGuidanceSensors'

const exceptions: Exceptions = {
  [`${service}.GetEvents`]: better(
    'aggregation aggregates; a client that is too slow is told where it missed how many events',
  ),
  [`${service}.AddTracingPolicy`]: better('an error has all that is wrong, with line and column'),
  [`${service}.EnableTracingPolicy`]: same('needs --enable-deprecated-tracingpolicy-grpc'),
  [`${service}.DisableTracingPolicy`]: same('needs --enable-deprecated-tracingpolicy-grpc'),
  [`${service}.ListSensors`]: same('answers that it is deprecated'),
  [`${service}.EnableSensor`]: same('answers that it is deprecated'),
  [`${service}.DisableSensor`]: same('answers that it is deprecated'),
  [`${service}.RemoveSensor`]: same('answers that it is deprecated'),
  [`${service}.RuntimeHook`]: leftOut('no hooks of the container runtime are needed: an error'),
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
      'Beside these the server answers `grpc.health.v1.Health` (service `liveness`) and server ' +
      'reflection, v1 and v1alpha.',
    ...compare({ theirs: names, ours: new Set(ours), exceptions, understood: () => true }),
    ours: own.map((name) => ({ name, note: 'see packages/api/proto/tetragonts' })),
  }
}
