/** The kernel of the matrix in this virtual machine; undefined on the host. */
export const guestKernel: string | undefined = process.env.TETRAGON_TEST_KERNEL

const extent = process.env.TETRAGON_TEST_EXTENT ?? 'all'

/** Whether only kernel-dependent cases run: on all kernels of the matrix but one. */
export const isPart: boolean = extent === 'part'

/** Whether all cases run: on the host, and in guests on request. */
export const isFull: boolean = extent === 'all'

/**
 * Number of repetitions of a test: an emulated processor is twenty times slower, and dependence on
 * the kernel shows in the first run.
 */
export function repeats(onHost: number, inGuest: number): number {
  return guestKernel === undefined ? onHost : inGuest
}
