import type { ListenAddress } from '@tetragon-ts/service/listen'
import type { Endpoint } from './endpoint.ts'
import type { ServerOptions } from './grpc/grpc-server.ts'
import type { HealthOptions } from './health/health-endpoint.ts'
import type { ProfileOptions } from './pprof/pprof-endpoint.ts'

/** Every endpoint with its options. */
interface OptionsOf {
  readonly pprof: ProfileOptions
  readonly grpc: ServerOptions
  readonly health: HealthOptions
  readonly metrics: ListenAddress
  readonly push: readonly string[]
}

export type EndpointName = keyof OptionsOf

/** The options of each endpoint; undefined: it is not started. */
export type EndpointOptions = { readonly [Name in EndpointName]: OptionsOf[Name] | undefined }

/** All endpoints, in start order. Only the code of enabled ones is loaded. */
export const endpoints: {
  readonly [Name in EndpointName]: () => Promise<Endpoint<OptionsOf[Name]>>
} = {
  pprof: async () => (await import('./pprof/pprof-endpoint.ts')).pprofEndpoint,
  grpc: async () => (await import('./grpc/grpc-endpoint.ts')).grpcEndpoint,
  health: async () => (await import('./health/health-endpoint.ts')).healthEndpoint,
  metrics: async () => (await import('./metrics/metrics-endpoint.ts')).metricsEndpoint,
  push: async () => (await import('./metrics/push-endpoint.ts')).pushEndpoint,
}
