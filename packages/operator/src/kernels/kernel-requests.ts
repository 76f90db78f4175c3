import { type ApiClient, ApiError } from '@tetragon-ts/kubernetes'
import { pause } from '@tetragon-ts/service/timers'
import type { KernelWatch } from './kernel-watch.ts'
import { RequestPlan } from './plan-requests.ts'

const conflict = 409
/** Milliseconds between two looks at the kernels. */
const lookMs = 2000

/**
 * Asks an agent of each kernel for its description, until the signal. Only the leader does.
 * @param failed gets the error when requests begin to fail; they are tried again
 */
export async function requestKernels(
  client: ApiClient,
  watch: KernelWatch,
  failed: (error: Error) => void,
  signal: AbortSignal,
  ms = lookMs,
): Promise<void> {
  const plan = new RequestPlan()
  let hasFailed = false
  while (!signal.aborted) {
    try {
      if (watch.isComplete) await request(client, watch, plan, signal)
      hasFailed = false
    } catch (error) {
      if (signal.aborted) return
      if (!hasFailed) failed(error as Error)
      hasFailed = true
    }
    await pause(ms, { signal })
  }
}

async function request(
  client: ApiClient,
  watch: KernelWatch,
  plan: RequestPlan,
  signal: AbortSignal,
): Promise<void> {
  const { kernels, descriptions, folder } = watch
  for (const { name, exists, body } of plan.writes(kernels.kept, descriptions, performance.now())) {
    try {
      if (exists) await client.update(`${folder}/${name}`, body, signal)
      else await client.create(folder, body, signal)
    } catch (error) {
      // The next look knows what has changed.
      if (!(error instanceof ApiError) || error.status !== conflict) throw error
    }
  }
}
