import type { GetInfoResponse, InfoConfVal, InfoProbe } from '@tetragon-ts/api'
import { buildInfo } from '../../build-info.ts'
import type { SettingValue } from '../endpoint.ts'

const google = 'type.googleapis.com/google.protobuf'

/** Data for GetInfo. */
export interface InfoFacts {
  readonly version: string
  readonly probes: InfoProbe[]
  /** By name. */
  readonly settings: Readonly<Record<string, SettingValue>>
}

/** Creates the response to GetInfo. Clients require `build`. */
export function infoResponse({ version, probes, settings }: InfoFacts): GetInfoResponse {
  const conf = Object.entries(settings).map(([key, value]) => ({ key, value: typed(value) }))
  return { version, name: 'tetragon', probes, conf, build: buildInfo() }
}

function typed(value: SettingValue): InfoConfVal['value'] {
  switch (typeof value) {
    case 'boolean':
      return { '@type': `${google}.BoolValue`, value }
    case 'number':
      return { '@type': `${google}.Int64Value`, value: String(value) }
    case 'string':
      return { '@type': `${google}.StringValue`, value }
    default:
      return { '@type': `${google}.ListValue`, value }
  }
}
