import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import { type Collector, counter, gauge } from '../metric.ts'

const version = gauge('nodejs_version_info', 'Version of Node.js; always 1', 'version')
const heapTotal = gauge('nodejs_heap_size_total_bytes', "Size of the main thread's heap")
const heapUsed = gauge('nodejs_heap_size_used_bytes', "Used size of the main thread's heap")
const heapLimit = gauge('nodejs_heap_size_limit_bytes', "Limit of the main thread's heap")
const external = gauge(
  'nodejs_external_memory_bytes',
  'Memory outside of the heap, including buffers',
)
const lag = gauge('nodejs_eventloop_lag_p99_seconds', 'Lag of the event loop, 99th percentile')
const lagMax = gauge('nodejs_eventloop_lag_max_seconds', 'Maximum lag of the event loop')
const collected = counter('nodejs_gc_seconds_total', "Time in the main thread's garbage collector")

let watch: { readonly delay: ReturnType<typeof monitorEventLoopDelay>; gcMs: number } | undefined

/** Started with the first request, so that nothing is measured without requests. */
function watching() {
  if (watch !== undefined) return watch
  const delay = monitorEventLoopDelay({ resolution: 50 })
  delay.enable()
  const begun = { delay, gcMs: 0 }
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) begun.gcMs += duration
  }).observe({ entryTypes: ['gc'] })
  watch = begun
  return begun
}

/** The main thread. Events are created in another thread, which has almost no heap. */
export const nodejs: Collector<unknown> = {
  metrics: [version, heapTotal, heapUsed, heapLimit, external, lag, lagMax, collected],
  collect(_, emit) {
    emit(version, 1, process.version)
    const { total_heap_size, used_heap_size, heap_size_limit, external_memory } =
      getHeapStatistics()
    emit(heapTotal, total_heap_size)
    emit(heapUsed, used_heap_size)
    emit(heapLimit, heap_size_limit)
    emit(external, external_memory)
    const { delay, gcMs } = watching()
    emit(collected, gcMs / 1000)
    if (delay.count === 0) return
    emit(lag, delay.percentile(99) / 1e9)
    emit(lagMax, delay.max / 1e9)
    delay.reset()
  },
}
