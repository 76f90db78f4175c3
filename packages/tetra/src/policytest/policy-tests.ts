import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { didYouMean } from '@tetragon-ts/service/options'
import { isInExecutable } from '@tetragon-ts/service/own-files'
import { UsageError } from '../usage-error.ts'

/** A test of a policy: its trigger and the expected events. */
export interface PolicyTest {
  /** Path of the policy in its folder, without `.yaml`. */
  readonly name: string
  readonly policyFile: string
  readonly about: string
  /**
   * A shell command that runs before the policy is loaded; if it fails, the test is skipped. Empty:
   * none.
   */
  readonly setup: string
  /** A shell command; parameters, NODE and FOLDER are environment variables. */
  readonly trigger: string
  /** CEL expressions; each must match an event. `$NAME` is replaced by a parameter. */
  readonly expect: readonly string[]
  /**
   * CEL expressions that no event may match. The tested operations must happen before the expected
   * events.
   */
  readonly reject: readonly string[]
  /** Values of parameters by name, the default first. */
  readonly parameters: Readonly<Record<string, readonly string[]>>
}

/** Set in the bundle that is one file (scripts/programs.mjs). */
declare const tetraPolicies: string | undefined

/** The library of this project if available. */
const ownLibrary = libraryFolder(new URL('../../../../policies', import.meta.url))
const fileName = 'tests.json'

function libraryFolder(address: URL): string {
  if (typeof tetraPolicies === 'string') return tetraPolicies
  // The executable is installed beside the files of a package, or nowhere.
  return isInExecutable(address) ? '/usr/share/tetragon/policies' : fileURLToPath(address)
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}

function testOf(name: string, folder: string, value: unknown): PolicyTest {
  const fields = value as Record<string, unknown>
  const { about = '', setup = '', trigger, expect, reject = [], parameters = {} } = fields
  const lists = Object.entries(parameters as Record<string, unknown>)
  if (typeof trigger !== 'string' || typeof about !== 'string' || !isTexts(expect)) {
    throw new Error(`${name} requires a trigger and a list of expected events`)
  }
  if (typeof setup !== 'string' || !isTexts(reject)) {
    throw new Error(`${name}: setup is a command line, reject a list of expressions`)
  }
  for (const [parameter, values] of lists) {
    if (/^[A-Za-z_]\w*$/.test(parameter) && isTexts(values) && values.length > 0) continue
    throw new Error(`${name}: parameter ${parameter} needs a list of values`)
  }
  const policyFile = join(folder, `${name}.yaml`)
  return {
    name,
    policyFile,
    about,
    setup,
    trigger,
    expect,
    reject,
    parameters: Object.fromEntries(lists) as PolicyTest['parameters'],
  }
}

/** Reads the tests of a folder of policies; by default those of this project. */
export async function readPolicyTests(folder: string): Promise<PolicyTest[]> {
  const from = folder === '' ? ownLibrary : folder
  const path = join(from, fileName)
  try {
    const tests: unknown = JSON.parse(await readFile(path, 'utf8'))
    return Object.entries(tests as object).map(([name, value]) => testOf(name, from, value ?? {}))
  } catch (error) {
    const hint = folder === '' ? '; --policies names another folder' : ''
    throw new Error(`read tests of policies: ${path}: ${(error as Error).message}${hint}`)
  }
}

/** Tests by their names. @throws UsageError with the nearest name */
export function chooseTests(tests: readonly PolicyTest[], names: readonly string[]): PolicyTest[] {
  return names.map((name) => {
    const found = tests.find((test) => test.name === name)
    if (found !== undefined) return found
    const known = tests.map((test) => test.name)
    throw new UsageError(`unknown test "${name}"${didYouMean(name, known)}`)
  })
}

/** Values of all parameters of one run. */
export type ParameterValues = Readonly<Record<string, string>>

/** The defaults, with the values that were set. */
export function usualValues(test: PolicyTest, set: ParameterValues): ParameterValues {
  const names = Object.keys(test.parameters)
  return Object.fromEntries(names.map((name) => [name, set[name] ?? test.parameters[name][0]]))
}

/** All combinations of values. */
export function allValues(test: PolicyTest): ParameterValues[] {
  return Object.entries(test.parameters).reduce<ParameterValues[]>(
    (combinations, [name, values]) => {
      return combinations.flatMap((each) => values.map((value) => ({ ...each, [name]: value })))
    },
    [{}],
  )
}
