import { isIP } from 'node:net'
import {
  addressesOf,
  type DecodedArgument,
  type HookDescription,
  type NamesOfAddress,
} from '@tetragon-ts/compiler/hooks'
import { AddressNames, addressKey } from '../../processes/address-names.ts'
import type { Process } from '../../processes/process.ts'
import type { Readable, ReadableValue } from '../json/hook-reader.ts'
import { latin1 } from '../json/hook-texts.ts'
import { decodedValue } from '../json/hook-values-json.ts'
import type { RedactText } from '../json/redacted-data.ts'
import type { HookProcess } from './hook-process.ts'

/** Longest name in bytes: DNS has 253, and a dot may follow. Longer texts are not kept. */
const nameMax = 254
/** Bytes of it as JSON: control characters, which names do not have, would be longer. */
const jsonMax = nameMax + 2

/** Indexes of the arguments of a hook with the name and the results of a lookup. */
export interface Lookup {
  readonly name: number
  readonly results: readonly number[]
}

/**
 * The lookup that a hook reports; undefined if the hook has no argument for results or for a name.
 * The name is the string argument with the label `name`, or else the first string argument.
 */
export function lookupOf({ args }: HookDescription): Lookup | undefined {
  const indexesOf = (isWanted: (index: number) => boolean) => [...args.keys()].filter(isWanted)
  const results = indexesOf((i) => args[i].type === 'addrinfo')
  const strings = indexesOf((i) => args[i].type === 'string')
  const name = strings.find((i) => args[i].label === 'name') ?? strings[0]
  return results.length === 0 || name === undefined ? undefined : { name, results }
}

/**
 * Keeps the names in events of hooks that report lookups, and finds them for addresses in later
 * events.
 */
export class Lookups {
  readonly #names = new AddressNames()
  readonly #found: Pick<HookProcess, 'process' | 'parent'>
  readonly #redact: RedactText | undefined
  /** Number of hooks that report lookups. */
  #hooks = 0

  /**
   * @param found the process of the current event
   * @param redact removes secrets from data of that process
   */
  constructor(found: Pick<HookProcess, 'process' | 'parent'>, redact?: RedactText) {
    this.#found = found
    this.#redact = redact
  }

  add(lookup: Lookup | undefined): void {
    if (lookup) this.#hooks++
  }

  /** Removing the last hook drops all names: no later lookup would update them. */
  remove(lookup: Lookup | undefined): void {
    if (lookup && --this.#hooks === 0) this.#names.clear()
  }

  /** Whether `namesOf` finds no names. */
  #isPaused = false

  /** The names that the process of the current event has for an address. */
  readonly namesOf: NamesOfAddress = (...address) => {
    const { process, parent } = this.#found
    if (this.#isPaused || this.#names.isEmpty || !process) return ''
    const names = this.#names.find(process, parent, addressKey(...address))
    return names.length === 0 ? '' : `[${names.join(',')}]`
  }

  /**
   * Runs a function for which `namesOf` finds no names: they depend on the time of writing, and
   * texts of one hit are compared without them.
   */
  without(write: () => void): void {
    this.#isPaused = true
    try {
      write()
    } finally {
      this.#isPaused = false
    }
  }

  /**
   * Keeps the name and the addresses of a lookup by the process of the current event.
   * @param records the records of the call, which have its values; the first is that of the entry
   */
  keep({ name, results }: Lookup, records: readonly [Readable, ...Readable[]]): void {
    const { process } = this.#found
    const text = decodedIn(records, name)
    if (!process || !text || text.to === text.from || text.to - text.from > nameMax) return
    const found = results.flatMap((index) => {
      const value = decodedIn(records, index)
      return value ? addressesOf(value) : []
    })
    if (found.length === 0) return
    const keys = found.map(({ family, words }) => addressKey(family, ...words))
    const written = Buffer.from(text.bytes.subarray(text.from, text.to)).toString()
    // An address in place of a name.
    if (isIP(written) !== 0) return
    const json = latin1(JSON.stringify(this.#redact?.(written) ?? written))
    if (json.length > jsonMax) return
    const [{ header }] = records
    this.#names.add(process, keys, json, header.timeHigh * 2 ** 32 + header.timeLow)
  }

  /** Marks the names of a process of which an image has ended. */
  ended(process: Process | undefined): void {
    if (process && this.#hooks > 0) this.#names.ended(process)
  }
}

/** A value of a call; undefined if it could not be read. */
function decodedIn(records: readonly Readable[], index: number): DecodedArgument | undefined {
  for (const record of records) {
    const value = record.args.find((each: ReadableValue) => each.index === index)
    const decoded = value && decodedValue(record, value)
    if (decoded) return decoded
  }
  return undefined
}
