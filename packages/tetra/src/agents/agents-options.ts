import type { Options } from '@tetragon-ts/service/options'
import { clusterOptions } from '../cluster/cluster-options.ts'
import { connectionOptions } from '../connection/connection-options.ts'

/** The options of every command that asks one agent or all agents of a cluster. */
export const agentsOptions = { ...clusterOptions, ...connectionOptions } as const satisfies Options
