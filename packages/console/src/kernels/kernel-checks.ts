import type { PolicyListing } from '@tetragon-ts/api'
import {
  checkInSteps,
  checkNotes,
  checkRows,
  type DescribedKernel,
  decodeKernel,
  describedKernel,
  type KernelCheck,
} from '@tetragon-ts/compiler/kernel-description'
import { listForKernel } from '@tetragon-ts/compiler/listing'
import { processors } from '@tetragon-ts/ebpf/processors'
import { findUnsupported, formatDiagnostic, readPolicies } from '@tetragon-ts/policy'
import { file, findingOf } from '../checker/check-policy.ts'
import type { KernelReport, KernelRequest, KernelResult } from './protocol.ts'
import { SlicedRequest } from './sliced-request.ts'

/** Maximum rows and findings of a result: the page shows all of them. */
const rowsMax = 500
const findingsMax = 200
/** Maximum number of policies whose programs are listed, and length of a program's instructions. */
const listedMax = 20
const instructionsMax = 1 << 18

type RequestOf<K extends KernelRequest['kind']> = Extract<KernelRequest, { readonly kind: K }>

/** Checks texts of policies for kernels, and lists their programs: the newest request counts. */
export class KernelChecks {
  readonly #report: (report: KernelReport) => void
  readonly #now: () => number
  /** Undefined: it cannot be used. */
  readonly #kernels = new Map<number, Promise<DescribedKernel | undefined>>()
  /** Numbers of the newest requests. */
  #check = 0
  #list = 0

  /** @param now milliseconds */
  constructor(report: (report: KernelReport) => void, now = () => performance.now()) {
    this.#report = report
    this.#now = now
  }

  async handle(request: KernelRequest): Promise<void> {
    switch (request.kind) {
      case 'add':
        this.#kernels.set(request.id, this.#read(request.id, request.bytes))
        return
      case 'remove':
        this.#kernels.delete(request.id)
        return
      case 'check':
        this.#check = request.number
        return this.#answer(request.number, () => this.#checkAll(request))
      case 'list':
        this.#list = request.number
        return this.#answer(request.number, () => this.#listAll(request))
      default:
        return request satisfies never
    }
  }

  async #read(id: number, bytes: Uint8Array): Promise<DescribedKernel | undefined> {
    try {
      const description = await decodeKernel(bytes)
      const { architecture, release } = description.facts
      if (architecture !== processors) {
        this.#report({ kind: 'foreign', id, architecture })
        return undefined
      }
      const kernel = describedKernel(description)
      this.#report({ kind: 'added', id, release })
      return kernel
    } catch (error) {
      this.#report({ kind: 'unreadable', id, problem: (error as Error).message })
      return undefined
    }
  }

  /** Reports what a request leads to; nothing if another one is wanted. */
  async #answer(number: number, make: () => Promise<KernelReport | undefined>): Promise<void> {
    try {
      const report = await make()
      if (report !== undefined) this.#report(report)
    } catch (error) {
      this.#report({ kind: 'failed', number, problem: (error as Error).message })
    }
  }

  #begin(action: string, number: number, isWanted: () => boolean): SlicedRequest {
    const report = () => this.#report({ kind: 'progress', number })
    return new SlicedRequest({ action, isWanted, report, now: this.#now })
  }

  async #checkAll(request: RequestOf<'check'>): Promise<KernelReport | undefined> {
    const { number, text, kernels } = request
    const running = this.#begin('check policies', number, () => number === this.#check)
    const { documents, diagnostics } = readPolicies(text, file)
    const known = new Set(diagnostics.map((each) => formatDiagnostic(each)))
    const checks: KernelCheck[] = []
    for (const document of documents) {
      const unsupported = findUnsupported(document)
      for (const each of unsupported) known.add(formatDiagnostic(each))
      if (unsupported.some(({ severity }) => severity === 'error')) continue
      for (const { id, name } of kernels) {
        const kernel = await this.#kernels.get(id)
        if (kernel === undefined) continue
        const check = await running.run(checkInSteps(document, kernel))
        if (check === undefined) return undefined
        checks.push({ kernel: name, file, ...check.value })
      }
    }
    return { kind: 'checked', number, result: resultOf(checks, known) }
  }

  async #listAll(request: RequestOf<'list'>): Promise<KernelReport | undefined> {
    const { number, text, id } = request
    const running = this.#begin('list programs', number, () => number === this.#list)
    const kernel = await this.#kernels.get(id)
    if (kernel === undefined) throw new Error('list programs: the kernel cannot be used')
    const { documents } = readPolicies(text, file)
    const policies: PolicyListing[] = []
    for (const document of documents.slice(0, listedMax)) {
      const listing = await running.run(listForKernel(document, kernel, instructionsMax))
      if (listing === undefined) return undefined
      if (listing.value !== undefined) policies.push(listing.value)
    }
    return { kind: 'listed', number, policies, omitted: documents.length - policies.length }
  }
}

/** @param known findings that the editor already shows */
function resultOf(checks: readonly KernelCheck[], known: ReadonlySet<string>): KernelResult {
  const rows = checkRows(checks)
  const notes = checkNotes(checks).filter(({ diagnostic }) => {
    return !known.has(formatDiagnostic(diagnostic))
  })
  const findings = notes.slice(0, findingsMax).map(({ diagnostic, kernels }) => {
    const finding = findingOf(diagnostic)
    return { ...finding, text: `${finding.text}; on ${kernels.join(', ')}` }
  })
  return {
    checks: checks.length,
    failed: checks.filter(({ verdict }) => verdict === 'fails').length,
    rows: rows.slice(0, rowsMax),
    omitted: Math.max(0, rows.length - rowsMax),
    findings,
  }
}
