/** The kernel of the matrix that a test runs on, in a virtual machine; undefined on the host. */
export const guestKernel: string | undefined = process.env.TETRAGON_TEST_KERNEL

/** Whether only what a kernel can change is to be tried: on all kernels of the matrix but one. */
export const isPart: boolean = process.env.TETRAGON_TEST_PART !== undefined

/**
 * How often a test repeats something: an emulated processor is twenty times slower, and what a
 * kernel can change shows the first time.
 */
export function repeats(onHost: number, inGuest: number): number {
  return guestKernel === undefined ? onHost : inGuest
}
