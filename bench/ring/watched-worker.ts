// The agent's worker with an observer of V8's collections of garbage; writes their durations to the
// file in $READER_PROFILE.

import { writeFileSync } from 'node:fs'
import {
  constants,
  type NodeGCPerformanceDetail,
  type PerformanceEntry,
  PerformanceObserver,
} from 'node:perf_hooks'
import { readerProgram } from '@tetragon-ts/agent/reader'

/** Durations of collections in milliseconds, by whether they concern young objects only. */
export interface Collections {
  readonly young: number[]
  readonly others: number[]
}

/** The types of Node.js have `detail` of such entries apart. */
type CollectionEntry = PerformanceEntry & { readonly detail: NodeGCPerformanceDetail }

const collections: Collections = { young: [], others: [] }
const observer = new PerformanceObserver((list) => {
  for (const { duration, detail } of list.getEntries() as CollectionEntry[]) {
    const isYoung = detail.kind === constants.NODE_PERFORMANCE_GC_MINOR
    collections[isYoung ? 'young' : 'others'].push(duration)
  }
})
observer.observe({ entryTypes: ['gc'] })
process.once('exit', () => {
  writeFileSync(process.env.READER_PROFILE!, JSON.stringify(collections))
})
await import(readerProgram.href)
