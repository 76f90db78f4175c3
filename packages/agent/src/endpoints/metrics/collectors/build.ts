import { gauge } from '@tetragon-ts/service/metrics'
import type { Collector } from '../metric-source.ts'

const info = gauge(
  'tetragon_build_info',
  'Build of this agent; always 1',
  'version',
  'node_version',
)

export const build: Collector = {
  metrics: [info],
  collect({ version }, emit) {
    emit(info, 1, version, process.version)
  },
}
