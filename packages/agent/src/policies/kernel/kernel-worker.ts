import { parentPort, workerData } from 'node:worker_threads'
import {
  describeKernel,
  type RunningKernelOptions,
  runningKernel,
} from '@tetragon-ts/compiler/running-kernel'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { resetPriority } from '../../raise-priority.ts'

// The program of the thread that describes the kernel, and ends.

/** `workerData` of the thread. */
export type KernelWorkerOptions = Partial<Pick<RunningKernelOptions, 'switchedOff' | 'hierarchy'>>

resetPriority()
const kernel = runningKernel(Btf.open(), workerData as KernelWorkerOptions)
// A rejection ends the thread with the error.
void describeKernel(kernel).then((bytes) => parentPort?.postMessage(bytes))
