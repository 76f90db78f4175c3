import { clusterOptions } from '../cluster/cluster-options.ts'
import type { Options } from '../command.ts'
import { connectionOptions } from '../connection/connection-options.ts'

/** The options of every command that asks one agent or all agents of a cluster. */
export const agentsOptions = { ...clusterOptions, ...connectionOptions } as const satisfies Options
