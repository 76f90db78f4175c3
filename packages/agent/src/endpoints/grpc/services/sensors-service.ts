import type { UntypedServiceImplementation } from '@grpc/grpc-js'
import {
  type AddTracingPolicyRequest,
  FineGuidanceSensors,
  type GetHealthStatusRequest,
  type ListTracingPoliciesRequest,
  type RuntimeHookRequest,
  serviceDefinition,
} from '@tetragon-ts/api'
import type { PolicyChange, PolicyId } from '../../../policies/registry/policy-control.ts'
import { RequestError } from '../../../request-error.ts'
import { readCreateContainer } from '../../../workloads/sources/runtime-hook.ts'
import { unary } from '../../listen/unary.ts'
import type { AuditLog } from '../clients/audit-log.ts'
import type { Guard } from '../clients/guard.ts'
import type { ServerHost } from '../server-host.ts'
import { getDebug, setDebug } from './debug.ts'
import type { EventStreams } from './event-streams.ts'
import { type IdFields, named } from './named-policy.ts'
import { outputHealth } from './output-health.ts'

export const sensorsDefinition = serviceDefinition(FineGuidanceSensors, ['GetEvents'])

const modes = { TP_MODE_ENFORCE: 'enforce', TP_MODE_MONITOR: 'monitor' } as const

function modeOf(mode: string | number | undefined): PolicyChange['mode'] {
  if (mode === undefined) return undefined
  if (Object.hasOwn(modes, mode)) return modes[mode as keyof typeof modes]
  throw new RequestError('invalid', `configure policy: invalid mode ${mode}`)
}

/** Only the health of the whole agent is reported. */
function requestsStatus({ event_set = [] }: GetHealthStatusRequest): boolean {
  return event_set.length === 0 || event_set.includes('HEALTH_STATUS_TYPE_STATUS')
}

function gone(name: string) {
  return unary<unknown, never>(() => {
    throw new RequestError('unsupported', `${name} is deprecated`)
  })
}

/** Options of the service. */
export interface SensorsOptions {
  /** Whether EnableTracingPolicy and DisableTracingPolicy are allowed. */
  readonly deprecatedCalls: boolean
}

/** The service `tetragon.FineGuidanceSensors`. */
export function sensorsService(
  host: ServerHost,
  streams: EventStreams,
  guard: Guard,
  audit: AuditLog,
  options: SensorsOptions,
): UntypedServiceImplementation {
  const { policies } = host
  const toggle = (enable: boolean) =>
    unary(async (request: IdFields) => {
      if (!options.deprecatedCalls) {
        const name = enable ? 'EnableTracingPolicy' : 'DisableTracingPolicy'
        const hint = 'use ConfigureTracingPolicy, or start the agent with'
        throw new RequestError(
          'unsupported',
          `${name} is deprecated; ${hint} --enable-deprecated-tracingpolicy-grpc`,
        )
      }
      await policies.configure(named(request), { enable })
      return {}
    })
  return {
    GetEvents: streams.handle,
    GetHealth: unary(async (request: GetHealthStatusRequest, call) => {
      if (!requestsStatus(request)) return { health_status: [] }
      // Addresses of receivers, and whether they get events.
      const outputs = guard.mayRead(call)
        ? outputHealth(await host.outputs(), host.metricOutputs())
        : []
      return { health_status: [await host.health(), ...outputs] }
    }),
    AddTracingPolicy: unary(async (request: AddTracingPolicyRequest) => {
      const { yaml = '', domain, replace } = request
      const note = (id: PolicyId) => audit.note(request, id)
      await policies.add(yaml, domain || undefined, replace, note)
      return {}
    }),
    DeleteTracingPolicy: unary(async (request: IdFields) => {
      await policies.remove(named(request))
      return {}
    }),
    ListTracingPolicies: unary(async ({ domain, rules }: ListTracingPoliciesRequest) => ({
      policies: await policies.list({ domain: domain || undefined, rules }),
    })),
    ConfigureTracingPolicy: unary(
      async (request: IdFields & { enable?: boolean; mode?: string | number }) => {
        const { enable, mode } = request
        if (enable === undefined && mode === undefined) {
          throw new RequestError(
            'invalid',
            'configure policy: the request has neither enable nor mode',
          )
        }
        await policies.configure(named(request), { enable, mode: modeOf(mode) })
        return {}
      },
    ),
    EnableTracingPolicy: toggle(true),
    DisableTracingPolicy: toggle(false),
    ListSensors: gone('ListSensors'),
    EnableSensor: gone('EnableSensor'),
    DisableSensor: gone('DisableSensor'),
    RemoveSensor: gone('RemoveSensor'),
    ListDomains: unary(async () => ({ domains: await policies.domains() })),
    GetVersion: unary(() => ({ version: host.version })),
    GetInfo: unary(() => host.info()),
    RuntimeHook: unary(async (request: RuntimeHookRequest) => {
      const created = request.createContainer && readCreateContainer(request.createContainer)
      if (created === undefined) return {}
      const { id, pod } = created
      audit.note(request, { container: id, namespace: pod.namespace, pod: pod.name })
      await host.addContainer(created)
      return {}
    }),
    GetDebug: unary((request) => getDebug(host, request as object)),
    SetDebug: unary((request) => setDebug(host, request as object)),
  }
}
