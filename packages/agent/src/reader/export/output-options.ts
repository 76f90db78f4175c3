import type { FieldFilter, Filter } from '@tetragon-ts/api'
import { compileFieldFilters, compileFilter, prepareFilters } from '@tetragon-ts/policy/filters'
import { AgentError } from '../../error.ts'
import type { EventDetail } from '../event-content.ts'
import type { AggregationWindow } from './aggregation.ts'
import { missingFieldReason } from './missing-fields.ts'
import { Redaction } from './redaction.ts'
import type { RedactionRule } from './redaction-rule.ts'

/** What the export omits or changes. */
export interface ExportOptions {
  readonly allow: readonly Filter[]
  readonly deny: readonly Filter[]
  readonly fieldFilters: readonly FieldFilter[]
  /** Whether events have the fields that Tetragon does not have. */
  readonly hasExtensions: boolean
  /** Events per minute; undefined: no limit. */
  readonly rateLimit: number | undefined
  /** Undefined: equal policy events are not aggregated. */
  readonly aggregation?: AggregationWindow | undefined
}

/** Content of events and filters of the export, as plain data for the worker. */
export interface OutputOptions {
  /** Undefined: everything is exported unchanged. */
  readonly export?: ExportOptions | undefined
  /** Redaction of arguments and environments, also for clients. */
  readonly redaction?: readonly RedactionRule[] | undefined
  /** Names of the environment variables to show; undefined: all. */
  readonly variables?: readonly string[] | undefined
}

/**
 * Checks that the filters compile, and that events include the fields that they test.
 * @throws AgentError AGENT_OPTION
 */
export async function checkOutput(options: OutputOptions & EventDetail): Promise<void> {
  const { allow = [], deny = [], fieldFilters = [] } = options.export ?? {}
  await prepareFilters([...allow, ...deny])
  const tryFilters = (filters: readonly Filter[]): void => {
    filters.forEach(compileFilter)
    const reason = missingFieldReason(filters, options, 'export')
    if (reason !== undefined) throw new Error(reason)
  }
  tryOption('export-allowlist', () => tryFilters(allow))
  tryOption('export-denylist', () => tryFilters(deny))
  tryOption('field-filters', () => compileFieldFilters(fieldFilters))
  tryOption('redaction-filters', () => new Redaction(options.redaction ?? []))
}

function tryOption(name: string, compile: () => unknown): void {
  try {
    compile()
  } catch (cause) {
    const message = `parse --${name}: ${(cause as Error).message}`
    throw new AgentError('AGENT_OPTION', message, { cause })
  }
}
