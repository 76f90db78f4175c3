import {
  checkInSteps,
  checkNotes,
  checkRows,
  type DescribedKernel,
  decodeKernel,
  describedKernel,
  type KernelCheck,
} from '@tetragon-ts/compiler/kernel-description'
import { processors } from '@tetragon-ts/ebpf/processors'
import { findUnsupported, formatDiagnostic, readPolicies } from '@tetragon-ts/policy'
import { file, findingOf } from '../checker/check-policy.ts'
import { WorkSlices } from '../worker/work-slices.ts'
import type { KernelReport, KernelRequest, KernelResult } from './protocol.ts'

/** Maximum milliseconds of a check. */
const checkMax = 60_000
/** Milliseconds between reports of progress. */
const progressMs = 1000
/** Maximum rows and findings of a result: the page shows all of them. */
const rowsMax = 500
const findingsMax = 200

type CheckRequest = Extract<KernelRequest, { readonly kind: 'check' }>

/** Checks texts of policies for kernels, in slices: a new text ends the check before it. */
export class KernelChecks {
  readonly #report: (report: KernelReport) => void
  readonly #now: () => number
  /** Undefined: it cannot be used. */
  readonly #kernels = new Map<number, Promise<DescribedKernel | undefined>>()
  #number = 0

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
        return this.#check(request)
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

  async #check(request: CheckRequest): Promise<void> {
    const { number } = request
    this.#number = number
    this.#report({ kind: 'progress', number })
    try {
      const result = await this.#resultOf(request)
      if (result !== undefined) this.#report({ kind: 'checked', number, result })
    } catch (error) {
      this.#report({ kind: 'failed', number, problem: (error as Error).message })
    }
  }

  /** @returns undefined if another text is wanted */
  async #resultOf({ number, text, kernels }: CheckRequest): Promise<KernelResult | undefined> {
    const slices = new WorkSlices()
    const started = this.#now()
    let reported = started
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
        const steps = checkInSteps(document, kernel)
        let step = steps.next()
        while (!step.done) {
          await slices.pause()
          if (number !== this.#number) return undefined
          const now = this.#now()
          if (now - started > checkMax) {
            throw new Error(`check policies: it takes more than ${checkMax / 1000} s`)
          }
          if (now - reported > progressMs) {
            reported = now
            this.#report({ kind: 'progress', number })
          }
          step = steps.next()
        }
        checks.push({ kernel: name, file, ...step.value })
      }
    }
    return resultOf(checks, known)
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
