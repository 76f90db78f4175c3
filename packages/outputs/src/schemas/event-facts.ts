import { type Event, type Finding, findingLevels, type Process } from '@tetragon-ts/api'
import { type FindingLevel, highestLevel } from '../events/event-fields.ts'

/** What events of all kinds may have, under one name each. */
export interface EventFacts {
  readonly process: Process | undefined
  readonly parent: Process | undefined
  /** The hooked function, kernel or user space. */
  readonly functionName: string | undefined
  /** The file that a function is in, or that was mapped. */
  readonly path: string | undefined
  readonly policy: string | undefined
  /** What the policy says of its hook. */
  readonly message: string | undefined
  /** Whether the operation was stopped, or its process killed. */
  readonly isDenied: boolean
  /** The findings, the highest level first. */
  readonly findings: readonly Finding[]
  readonly level: FindingLevel | undefined
}

/** Facts of an event. */
export function factsOf({ body, response }: Event): EventFacts {
  const fields = body as {
    readonly process?: Process
    readonly parent?: Process
    readonly function_name?: string
    readonly subsys?: string
    readonly event?: string
    readonly symbol?: string
    readonly provider?: string
    readonly name?: string
    readonly path?: string
    readonly policy_name?: string
    readonly message?: string
    readonly enforcement?: readonly { readonly done?: boolean; readonly failed?: boolean }[]
  }
  const { subsys, event, provider, name, enforcement = [] } = fields
  const parts = [subsys, event, provider, name].filter((part) => part !== undefined)
  return {
    process: fields.process,
    parent: fields.parent,
    functionName: fields.function_name ?? fields.symbol ?? (parts.join(':') || undefined),
    path: fields.path,
    policy: fields.policy_name,
    message: fields.message || undefined,
    isDenied: enforcement.some(({ done, failed }) => done === true && failed !== true),
    findings: [...(response.findings ?? [])].sort((a, b) => rank(b) - rank(a)),
    level: highestLevel(response.findings),
  }
}

function rank({ level }: Finding): number {
  return (findingLevels as readonly unknown[]).indexOf(level)
}

/** The command line: the arguments as they were if events have them, or else as they are shown. */
export function commandLine({ binary, arguments: shown, argv }: Process): string | undefined {
  if (argv !== undefined && argv.length > 0) return argv.join(' ')
  return [binary, shown].filter(Boolean).join(' ') || undefined
}

/** The last part of a path. */
export function nameOf(path: string | undefined): string | undefined {
  return path?.slice(path.lastIndexOf('/') + 1) || undefined
}

/** The object, or undefined if none of its fields has a value. */
export function unlessEmpty<T extends object>(object: T): T | undefined {
  return Object.values(object).some((value) => value !== undefined) ? object : undefined
}

/** Techniques of ATT&CK of all findings, each once; sub-techniques such as `T1053.003` apart. */
export function techniquesOf(findings: readonly Finding[]): {
  readonly techniques: readonly string[]
  readonly subtechniques: readonly string[]
} {
  const all = new Set(findings.flatMap(({ techniques = [] }) => techniques))
  const subtechniques = [...all].filter((id) => id.includes('.'))
  const techniques = new Set([...all].map((id) => id.replace(/\..*/, '')))
  return { techniques: [...techniques], subtechniques }
}
