import {
  DetectionRules,
  EventLogService,
  FineGuidanceSensors,
  Health,
  Inspect,
  ServerReflection,
  ServerReflectionAlpha,
  serviceName,
} from '@tetragon-ts/api'

/**
 * What a procedure requires: `none` reports the health or the API itself, `read` shows events,
 * processes and policies, `change` alters what the agent observes or enforces. `report` is a change
 * that a container runtime makes for each container: it is only logged if another client makes it.
 */
export type Right = 'none' | 'read' | 'change' | 'report'

type RightsOf<Service extends { readonly rpcs: object }> = Record<keyof Service['rpcs'], Right>

const sensors: RightsOf<typeof FineGuidanceSensors> = {
  GetEvents: 'read',
  GetHealth: 'none',
  AddTracingPolicy: 'change',
  DeleteTracingPolicy: 'change',
  ListTracingPolicies: 'read',
  ConfigureTracingPolicy: 'change',
  EnableTracingPolicy: 'change',
  DisableTracingPolicy: 'change',
  ListSensors: 'read',
  EnableSensor: 'change',
  DisableSensor: 'change',
  RemoveSensor: 'change',
  ListDomains: 'read',
  GetVersion: 'none',
  GetInfo: 'read',
  RuntimeHook: 'report',
  GetDebug: 'read',
  SetDebug: 'change',
}

const eventLog: RightsOf<typeof EventLogService> = {
  SetEventLogParams: 'change',
  GetEventLogParams: 'read',
}

const inspect: RightsOf<typeof Inspect> = {
  GetPolicies: 'read',
  GetPolicyPrograms: 'read',
  GetKernel: 'read',
  GetMaps: 'read',
  GetProcessTable: 'read',
  GetLosses: 'read',
  GetWorkloads: 'read',
  WatchPrograms: 'read',
  WatchActivity: 'read',
}

const rules: RightsOf<typeof DetectionRules> = {
  AddRules: 'change',
  DeleteRules: 'change',
  ListRules: 'read',
}

const health: RightsOf<typeof Health> = { Check: 'none', Watch: 'none' }
const reflection: RightsOf<typeof ServerReflection> = { ServerReflectionInfo: 'none' }

const services = [
  [FineGuidanceSensors, sensors],
  [EventLogService, eventLog],
  [Inspect, inspect],
  [DetectionRules, rules],
  [Health, health],
  [ServerReflection, reflection],
  [ServerReflectionAlpha, reflection],
] as const

/** Names of all services of the agent. */
export const serviceNames = services.map(([service]) => serviceName(service))

const rightsByPath = new Map(
  services.flatMap(([service, rights]) =>
    Object.entries(rights).map(([name, right]) => [`/${serviceName(service)}/${name}`, right]),
  ),
)

/** The right that a procedure requires; undefined if the agent does not have the procedure. */
export function rightOf(path: string): Right | undefined {
  return rightsByPath.get(path)
}
