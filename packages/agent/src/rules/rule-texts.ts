import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Level, NeededOption } from '@tetragon-ts/rules'

/** Where detection rules are. */
export interface RuleSources {
  /** Files and folders. */
  readonly paths: readonly string[]
  /** A further folder, which may be missing; empty: none. */
  readonly folder: string
  /** Rules that are delivered with the agent; undefined: none of them. */
  readonly library?: RuleLibrary | undefined
  /** Whether events have the fields of an option such as `--exec-fields=argv`; undefined: all. */
  readonly hasOption?: (option: NeededOption) => boolean
}

/** Rules that are delivered with the agent. */
export interface RuleLibrary {
  readonly folder: string
  /** Level of the rules that are in force, with what their correlations use. */
  readonly least: Level
}

/** The text of a file of detection rules, as data for the reader's thread. */
export interface RuleText {
  readonly path: string
  readonly text: string
  /** Lowest level of its rules that are in force; undefined: all are. */
  readonly least?: Level | undefined
}

/** Texts of rules, and what could not be read. */
export interface RuleTexts {
  readonly texts: readonly RuleText[]
  readonly errors: readonly string[]
}

/** Larger files are refused, as the reader of rules would. */
const largestFile = 32 * 1024 * 1024
/** Of all files together. */
const totalMax = 64 * 1024 * 1024
/** Of folders inside folders. */
const deepest = 8

/**
 * Reads files, and all YAML files of folders. Hidden files and folders are skipped. All rules of
 * the library are in force if one of the paths leads to it.
 */
export function readRuleTexts(paths: readonly string[], library?: RuleLibrary): RuleTexts {
  const texts: RuleText[] = []
  const errors: string[] = []
  const folders = new Set<string>()
  const reading: Reading = { texts, errors, folders, bytes: 0 }
  for (const path of paths) read(path, 0, reading)
  const own = texts.length
  if (library !== undefined) read(library.folder, 0, reading)
  for (const [i, text] of texts.entries()) {
    if (i >= own) texts[i] = { ...text, least: library?.least }
  }
  return { texts, errors }
}

interface Reading {
  readonly texts: RuleText[]
  readonly errors: string[]
  /** Links may lead to a folder again. */
  readonly folders: Set<string>
  /** Size of the files so far. */
  bytes: number
}

function read(path: string, depth: number, reading: Reading): void {
  const { texts, errors, folders } = reading
  try {
    const stat = statSync(path)
    if (stat.isDirectory()) {
      if (depth > deepest) throw new Error(`${path}: more than ${deepest} folders deep`)
      const folder = realpathSync(path)
      if (folders.has(folder)) return
      folders.add(folder)
      const names = readdirSync(path).filter((name) => !name.startsWith('.'))
      for (const name of names.sort()) read(join(path, name), depth + 1, reading)
    } else if (!stat.isFile()) {
      // A pipe would hold up the agent.
      if (depth === 0) throw new Error(`${path}: neither a file nor a folder`)
    } else if (depth === 0 || /\.ya?ml$/.test(path)) {
      if (stat.size > largestFile) throw new Error(`${path}: larger than 32 MiB`)
      reading.bytes += stat.size
      if (reading.bytes > totalMax) throw new Error(`${path}: the files have more than 64 MiB`)
      texts.push({ path, text: readFileSync(path, 'utf8') })
    }
  } catch (error) {
    errors.push(`read rules: ${(error as Error).message}`)
  }
}
