import type { UntypedServiceImplementation } from '@grpc/grpc-js'
import {
  type GetKernelRequest,
  type GetKernelResponse,
  type GetLossesResponse,
  type GetMapsResponse,
  type GetPoliciesResponse,
  type GetPolicyProgramsRequest,
  type GetProcessTableResponse,
  Inspect,
  serviceDefinition,
  type WatchActivityRequest,
  type WatchActivityResponse,
  type WatchProgramsRequest,
  type WatchProgramsResponse,
} from '@tetragon-ts/api'
import type { OpenCalls } from '../../listen/open-calls.ts'
import { unary } from '../../listen/unary.ts'
import { Activity } from '../inspect/activity.ts'
import { workloadsResponse } from '../inspect/workloads.ts'
import type { ServerHost } from '../server-host.ts'
import type { EventStreams } from './event-streams.ts'
import { named } from './named-policy.ts'
import { type Watch, watch } from './watch.ts'

// What Tetragon's API lacks, in a service of its own, so that its messages do not change. Programs
// and maps are listed from the agent's own descriptors. GetPolicyPrograms compiles a loaded policy
// again, because a compiled program takes a hundred kilobytes: random numbers in instructions
// differ from those in the kernel, and process sets are left out. GetKernel describes the kernel in
// a thread, which takes seconds: it is kept for a minute, and clients that compare get a hash.

export const inspectDefinition = serviceDefinition(Inspect)

function watchPrograms({ kernel }: ServerHost): Watch<WatchProgramsResponse> {
  const runs = kernel.countRuns()
  let since: number | undefined
  return {
    take: async () => {
      const programs = kernel.programs()
      const now = performance.now()
      const elapsed = since === undefined ? undefined : `${((now - since) / 1000).toFixed(6)}s`
      since = now
      return { elapsed, programs }
    },
    close: () => runs[Symbol.dispose](),
  }
}

/** The service `tetragonts.Inspect`. */
export function inspectService(
  host: ServerHost,
  streams: EventStreams,
  calls: OpenCalls,
): UntypedServiceImplementation {
  const { kernel, policies } = host
  const activity = new Activity(host, (taker) => streams.subscribe(taker))
  return {
    GetPolicies: unary(async (): Promise<GetPoliciesResponse> => {
      return { policies: await policies.texts() }
    }),
    GetPolicyPrograms: unary(async (request: GetPolicyProgramsRequest) => {
      const { section = '', hook_idx: index = 0, position = 0 } = request
      return policies.programs(named(request), { section, index, position })
    }),
    GetMaps: unary((): GetMapsResponse => ({ maps: kernel.maps() })),
    GetProcessTable: unary((): GetProcessTableResponse => {
      const { entries, maxEntries } = kernel.processTable()
      return { entries, max_entries: maxEntries }
    }),
    GetKernel: unary(async ({ with_description: isWanted }: GetKernelRequest) => {
      const { hash, release, bytes } = await kernel.describe()
      const description = isWanted ? bytes.toString('base64') : ''
      return { hash, release, size: bytes.length, description } satisfies GetKernelResponse
    }),
    GetWorkloads: unary(() => workloadsResponse(host)),
    GetLosses: unary((): GetLossesResponse => {
      const { records, queues } = host.reader()
      return {
        losses: kernel.losses(),
        start_time: new Date(host.startedAt).toISOString(),
        records,
        queues: [...queues, host.events.queue, streams.fullest],
      }
    }),
    WatchPrograms: watch<WatchProgramsRequest, WatchProgramsResponse>(
      async () => watchPrograms(host),
      true,
      calls,
    ),
    WatchActivity: watch<WatchActivityRequest, WatchActivityResponse>(
      () => activity.watch(),
      false,
      calls,
    ),
  }
}
