import * as events from '../events/event-table.ts'
import * as filters from '../events/filter.ts'
import * as hookEvents from '../events/hook-events.ts'
import * as processEvents from '../events/process-events.ts'
import * as streamEvents from '../events/stream-events.ts'
import * as health from '../grpc/health.ts'
import * as reflection from '../grpc/reflection.ts'
import type { EnumType, MessageType } from '../message.ts'
import * as addressLookup from '../messages/address-lookup.ts'
import * as arrayArgument from '../messages/array-argument.ts'
import * as debug from '../messages/debug.ts'
import * as detectionRules from '../messages/detection-rules.ts'
import * as enforcement from '../messages/enforcement.ts'
import * as enums from '../messages/enums.ts'
import * as eventLog from '../messages/event-log.ts'
import * as eventStream from '../messages/event-stream.ts'
import * as finding from '../messages/finding.ts'
import * as agentHealth from '../messages/health.ts'
import * as info from '../messages/info.ts'
import * as inspect from '../messages/inspect.ts'
import * as args from '../messages/kprobe-argument.ts'
import * as loadingProgress from '../messages/loading-progress.ts'
import * as policies from '../messages/policies.ts'
import * as policyPrograms from '../messages/policy-programs.ts'
import * as policyStatus from '../messages/policy-status.ts'
import * as process from '../messages/process.ts'
import * as runtimeHook from '../messages/runtime-hook.ts'
import * as sensors from '../messages/sensors.ts'
import { DetectionRules, EventLogService, FineGuidanceSensors, Inspect } from '../services.ts'
import type { ProtoFile } from './proto-file.ts'

const goPackage = 'github.com/cilium/tetragon/api/v1/tetragon'

type Type = MessageType | EnumType

/** Declarations of a module, without functions and services. */
function declarations(...modules: readonly object[]): Type[] {
  const values = modules.flatMap((module) => Object.values(module) as unknown[])
  return values.filter((value): value is Type => {
    const kind = (value as Partial<Type> | undefined)?.kind
    return kind === 'message' || kind === 'enum'
  })
}

/** Types of the modules that are, or are not, among some names. */
function split(
  types: readonly Type[],
  names: ReadonlySet<string>,
): [inside: Type[], outside: Type[]] {
  return [types.filter(({ name }) => names.has(name)), types.filter(({ name }) => !names.has(name))]
}

// Clients import the files by these names, so each type must be in the file of the original.
const [capabilityTypes, otherEnums] = split(
  declarations(enums),
  new Set(['CapabilitiesType', 'SecureBitsType', 'ProcessPrivilegesChanged']),
)
const [bpfTypes, eventEnums] = split(otherEnums, new Set(['BpfCmd', 'BpfProgramType']))
const [throttleType, tetragonEnums] = split(eventEnums, new Set(['ThrottleType']))
const eventTypes = declarations(events, processEvents, hookEvents, streamEvents)
const [eventType, otherEvents] = split(
  eventTypes.sort((a, b) => (a.name < b.name ? -1 : 1)),
  new Set(['EventType']),
)
const [envelope, bodies] = split(
  otherEvents,
  new Set(['GetEventsResponse', 'ProcessThrottle', 'RateLimitInfo', 'AggregationInfo']),
)

/** Files of the package `tetragon`. */
const tetragonFiles: readonly ProtoFile[] = [
  { path: 'tetragon/capabilities.proto', package: 'tetragon', goPackage, types: capabilityTypes },
  { path: 'tetragon/bpf.proto', package: 'tetragon', goPackage, types: bpfTypes },
  {
    path: 'tetragon/tetragon.proto',
    package: 'tetragon',
    goPackage,
    types: [
      ...tetragonEnums,
      ...declarations(process, args),
      ...bodies,
      ...declarations(agentHealth, runtimeHook),
    ],
  },
  {
    path: 'tetragon/events.proto',
    package: 'tetragon',
    goPackage,
    types: [...eventType, ...throttleType, ...declarations(filters), ...envelope],
  },
  {
    path: 'tetragon/sensors.proto',
    package: 'tetragon',
    goPackage,
    types: declarations(sensors, policyStatus, policies, info, debug),
    services: [FineGuidanceSensors],
  },
  {
    path: 'tetragon/eventlogservice.proto',
    package: 'tetragon',
    goPackage,
    types: declarations(eventLog),
    services: [EventLogService],
  },
]

/** Files of the agent: Tetragon's, and our own. */
export const agentFiles: readonly ProtoFile[] = [
  ...tetragonFiles,
  // Tetragon's files import these six, so they import none of them.
  {
    path: 'tetragonts/address_lookup.proto',
    package: 'tetragonts',
    types: declarations(addressLookup),
  },
  {
    path: 'tetragonts/array_argument.proto',
    package: 'tetragonts',
    types: declarations(arrayArgument),
  },
  { path: 'tetragonts/enforcement.proto', package: 'tetragonts', types: declarations(enforcement) },
  {
    path: 'tetragonts/event_stream.proto',
    package: 'tetragonts',
    types: declarations(eventStream),
  },
  { path: 'tetragonts/finding.proto', package: 'tetragonts', types: declarations(finding) },
  {
    path: 'tetragonts/loading_progress.proto',
    package: 'tetragonts',
    types: declarations(loadingProgress),
  },
  {
    path: 'tetragonts/inspect.proto',
    package: 'tetragonts',
    types: declarations(inspect, policyPrograms),
    services: [Inspect],
  },
  {
    path: 'tetragonts/detection_rules.proto',
    package: 'tetragonts',
    types: declarations(detectionRules),
    services: [DetectionRules],
  },
]

/** Files of gRPC itself. */
export const grpcFiles: readonly ProtoFile[] = [
  {
    path: 'grpc/health/v1/health.proto',
    package: 'grpc.health.v1',
    types: declarations(health),
    services: [health.Health],
  },
  {
    path: 'grpc/reflection/v1/reflection.proto',
    package: 'grpc.reflection.v1',
    types: reflection.reflectionTypes,
    services: [reflection.ServerReflection],
  },
  {
    path: 'grpc/reflection/v1alpha/reflection.proto',
    package: 'grpc.reflection.v1alpha',
    types: reflection.reflectionTypes,
    services: [reflection.ServerReflectionAlpha],
  },
]
