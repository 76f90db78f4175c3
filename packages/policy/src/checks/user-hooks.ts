import type { Check } from '../arguments/check.ts'
import type { Hook, UserHook } from '../model/index.ts'
import type { UprobeDocument, UsdtDocument } from '../schema/hooks.ts'
import { checkHook, type PolicyContext } from './hooks.ts'

const digestLengths: Readonly<Record<string, number | undefined>> = {
  sha1: 40,
  sha256: 64,
  sha384: 96,
  sha512: 128,
  'build-id': undefined,
}

/** What is wrong with a digest; undefined if it is valid. */
function digestProblem(text: string): string | undefined {
  const [, algorithm, hex] = /^([^:]*):(.*)$/s.exec(text) ?? ['', text, '']
  if (!Object.hasOwn(digestLengths, algorithm)) {
    return `unknown algorithm ${JSON.stringify(algorithm)}: expected ${Object.keys(digestLengths).join(', ')}`
  }
  const length = digestLengths[algorithm]
  if (/^(?:[\da-f]{2})+$/i.test(hex) && (length === undefined || hex.length === length)) {
    return undefined
  }
  const digits = length === undefined ? 'pairs of' : String(length)
  return `a ${algorithm} digest has ${digits} hexadecimal digits after the colon`
}

function checkDigests({ binaryDigests, at }: UprobeDocument, { findings }: Check): void {
  for (const [i, text] of binaryDigests.entries()) {
    const problem = digestProblem(text)
    if (problem !== undefined) findings.error(`${at}.binaryDigests[${i}]`, 'POLICY_VALUE', problem)
  }
}

/** A perf event has 32 bits: PERF_UPROBE_REF_CTR_OFFSET_BITS, kernel/events/core.c. */
const counterOffsetLimit = 1n << 32n

/** Locations are specified in exactly one form, with one reference counter each. */
function checkLocations(document: UprobeDocument, check: Check): void {
  const { at, symbols, refCtrOffsets } = document
  const { findings } = check
  const ways = (['symbols', 'offsets', 'addrs'] as const).filter(
    (name) => document[name].length > 0,
  )
  if (ways.length !== 1 && !check.isBroken(document)) {
    const found = ways.length === 0 ? 'has none' : `has ${ways.join(' and ')}`
    const message = `a uprobe requires exactly one of symbols, offsets and addrs: this one ${found}`
    findings.error(ways.length === 0 ? at : `${at}.${ways[1]}`, 'POLICY_CALL', message)
  }
  for (const [i, symbol] of symbols.entries()) {
    if (/^[^\s+][^+]*(?:\+(?:0[xX][\da-fA-F]+|\d+))?$/.test(symbol)) continue
    const message = `invalid symbol ${JSON.stringify(symbol)}: write NAME or NAME+OFFSET`
    findings.error(`${at}.symbols[${i}]`, 'POLICY_CALL', message)
  }
  for (const [i, offset] of refCtrOffsets.entries()) {
    if (offset < counterOffsetLimit) continue
    const message = `invalid reference counter offset ${offset}: it must be below 4 GiB`
    findings.error(`${at}.refCtrOffsets[${i}]`, 'POLICY_RANGE', message)
  }
  const count = ways.length === 1 ? document[ways[0]].length : undefined
  if (refCtrOffsets.length === 0 || count === undefined || refCtrOffsets.length === count) return
  const message = `refCtrOffsets has ${refCtrOffsets.length} items, ${ways[0]} has ${count}`
  findings.error(`${at}.refCtrOffsets`, 'POLICY_VALUE', message, { key: true })
}

function userHook(document: UprobeDocument | UsdtDocument): UserHook {
  const { path, btfPath } = document
  return {
    file: path,
    ...(btfPath === undefined ? {} : { btfFile: btfPath }),
    symbols: [],
    offsets: [],
    addresses: [],
    refCtrOffsets: [],
    binaryDigests: [],
    ignoreDigestFailure: false,
  }
}

/** Checks an item of uprobes. */
export function checkUprobe(document: UprobeDocument, index: number, context: PolicyContext): Hook {
  checkLocations(document, context.check)
  checkDigests(document, context.check)
  const { path, symbols, offsets, addrs, refCtrOffsets, binaryDigests, ignore } = document
  const user = {
    ...userHook(document),
    symbols,
    offsets,
    addresses: addrs,
    refCtrOffsets,
    binaryDigests,
    ignoreDigestFailure: ignore?.digestVerificationFailure ?? false,
  }
  return { ...checkHook(document, { section: 'uprobes', index, call: path }, context), user }
}

/** Checks an item of usdts. */
export function checkUsdt(document: UsdtDocument, index: number, context: PolicyContext): Hook {
  const { provider, name } = document
  const call = `${provider}/${name}`
  const user = { ...userHook(document), provider, name }
  return { ...checkHook(document, { section: 'usdts', index, call }, context), user }
}
