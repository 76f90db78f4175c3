import type { CgroupHierarchy } from '@tetragon-ts/sensors/process/identity'
import { KernelFileError } from './error.ts'
import { abilities, architectures, type FieldRow, type KernelFacts, programKinds } from './facts.ts'

const longestText = 1000
/** The answer about what later versions ask: a kernel never gets more than it has. */
const olderFile = 'the description is of an earlier version, which did not ask for it'

function fail(where: string, expected: string): never {
  throw new KernelFileError('KERNEL_FILE', `read description: ${where} is not ${expected}`)
}

/** An object without a prototype, so that names such as `constructor` are not found in it. */
function object(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(where, 'an object')
  return Object.assign(Object.create(null), value) as Record<string, unknown>
}

function text(value: unknown, where: string): string {
  if (typeof value !== 'string' || value.length > longestText || /[^\x20-\x7e]/.test(value)) {
    fail(where, `printable text of at most ${longestText} characters`)
  }
  return value
}

function integer(value: unknown, where: string): number {
  return Number.isSafeInteger(value) ? (value as number) : fail(where, 'an integer')
}

function flag(value: unknown, where: string): boolean {
  return typeof value === 'boolean' ? value : fail(where, 'true or false')
}

function list(value: unknown, where: string): readonly unknown[] {
  return Array.isArray(value) ? value : fail(where, 'a list')
}

function oneOf<T extends string>(value: unknown, all: readonly T[], where: string): T {
  return all.includes(value as T) ? (value as T) : fail(where, all.join(' or '))
}

type Read<T> = (value: unknown, where: string) => T

/** An object with values of one type. */
function entries<T>(value: unknown, where: string, read: Read<T>): Record<string, T> {
  const read1 = ([key, each]: [string, unknown]) => [text(key, where), read(each, where)] as const
  const all = Object.entries(object(value, where)).map(read1)
  return Object.assign(Object.create(null), Object.fromEntries(all)) as Record<string, T>
}

/** An object with exactly these names; what it has besides is ignored. */
function named<N extends string, T>(
  value: unknown,
  where: string,
  names: readonly N[],
  read: Read<T>,
): Record<N, T> {
  const given = object(value, where)
  const all = names.map((name) => [name, read(given[name], `${where}.${name}`)] as const)
  return Object.fromEntries(all) as Record<N, T>
}

function hierarchyOf(value: unknown, where: string): CgroupHierarchy {
  const { version, id, controller, name } = object(value, where)
  const number = integer(id, `${where}.id`)
  if (version === 2) return { version, id: number }
  if (version !== 1) fail(where, 'of version 1 or 2')
  const index = integer(controller, `${where}.controller`)
  return { version, id: number, controller: index, name: text(name, `${where}.name`) }
}

function fieldRow(value: unknown, where: string): FieldRow {
  const [type, name, offset, size, signed] = list(value, where)
  const numbers = [integer(offset, where), integer(size, where)] as const
  if (Math.min(...numbers) < 0 || Math.max(...numbers) > 0xffff) fail(where, 'a field')
  return [text(type, where), text(name, where), ...numbers, signed === 1 ? 1 : 0]
}

const answers = ['yes', 'no', 'unknown'] as const

/** Checks what a description claims. @throws KernelFileError KERNEL_FILE */
export function readFacts(json: string): KernelFacts {
  let parsed: unknown
  try {
    parsed = JSON.parse(json)
  } catch (cause) {
    throw new KernelFileError('KERNEL_FILE', 'read description: invalid JSON', { cause })
  }
  const facts = object(parsed, 'the description')
  const cgroups = object(facts.cgroups, 'cgroups')
  const rows: Read<readonly FieldRow[]> = (value, where) =>
    list(value, where).map((each) => fieldRow(each, where))
  return {
    release: text(facts.release, 'release'),
    version: text(facts.version, 'version'),
    architecture: oneOf(facts.architecture, architectures, 'architecture'),
    securityModules: list(facts.securityModules, 'securityModules').map((each) =>
      text(each, 'securityModules'),
    ),
    securityModulesUnknown: text(facts.securityModulesUnknown ?? '', 'securityModulesUnknown'),
    cgroups: {
      hierarchy: hierarchyOf(cgroups.hierarchy, 'cgroups.hierarchy'),
      version2: flag(cgroups.version2, 'cgroups.version2'),
    },
    limits: entries(facts.limits, 'limits', integer),
    refusals: named(facts.refusals, 'refusals', programKinds, (value, where) =>
      value === undefined ? olderFile : text(value, where),
    ),
    abilities: named(facts.abilities, 'abilities', abilities, (value = false, where) =>
      flag(value, where),
    ),
    probes: entries(facts.probes, 'probes', (value, where) => {
      const { answer, reason } = object(value, where)
      return { answer: oneOf(answer, answers, where), reason: text(reason, where) }
    }),
    preemptsPrograms: flag(facts.preemptsPrograms, 'preemptsPrograms'),
    returnDistances: named(
      facts.returnDistances,
      'returnDistances',
      ['kprobe', 'kprobe_multi'] as const,
      (value, where) => (value === null ? null : integer(value, where)),
    ),
    tracepoints: entries(facts.tracepoints, 'tracepoints', (group, where) =>
      entries(group, where, rows),
    ),
  }
}
